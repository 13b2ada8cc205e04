/** The JSON Schema of a policy's source, from the very schema that signers read it by. */
import { AssetName, Policy, Units, XEM } from '@kuramori/core';
import { z } from 'zod';

export function policySchema(): object {
  const schema = z.toJSONSchema(Policy, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema === Units.in) {
        jsonSchema.pattern = '^(?:0|[1-9][0-9]{0,77}|[0-9][0-9,_]*(?:\\.[0-9]+)? ?(?:XEM|JPY))$';
        jsonSchema.description = 'An amount with its unit, as 5_000 XEM, or in smallest units.';
      }
      if (zodSchema === AssetName.in) jsonSchema.enum = [XEM];
    },
  });
  return {
    ...schema,
    title: 'A policy of Kuramori, as its keepers write it',
    description: 'kuramori policy check FILE says what this schema cannot: whether the policy is sound.',
  };
}
