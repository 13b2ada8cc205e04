/** A policy file as a signer meets it that believes nobody yet. */
import { z } from 'zod';
import { keepersOf, readPolicy, SignedPolicy, type PolicyChain } from '@kuramori/core';
import { wrongAddresses } from '@kuramori/chains/codecs';
import { Misconfigured, readJson } from '@kuramori/program';

const First = z.union([
  SignedPolicy,
  z.looseObject({ bundles: z.tuple([SignedPolicy], z.unknown()) }).transform(({ bundles }) => bundles[0]),
]);

/** Every version of the file, the first verified against the keepers that it names itself: the people are to say whether they are. */
export function policyIn(file: string): PolicyChain {
  const given = readJson(file);
  const first = First.safeParse(given);
  // Where there is none, readPolicy says what is wrong with the file.
  const keepers = first.success ? keepersOf(first.data.policy) : { keys: [], quorum: 1 };
  const read = readPolicy(given, keepers);
  if (read.kind === 'refused') throw new Misconfigured(`${file}: ${read.field}: ${read.why}`);
  const { version } = read.chain[0].policy;
  if (version !== 1)
    throw new Misconfigured(
      `${file}: begins with version ${version}: give the file with every version since the first`,
    );
  for (const { policy } of read.chain) {
    const [wrong] = wrongAddresses(policy);
    if (wrong)
      throw new Misconfigured(`${file}: version ${policy.version}: ${wrong.path.join('.')}: ${wrong.why}`);
  }
  return read.chain;
}
