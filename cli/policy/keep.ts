/** What keepers do with a policy: sign it, put it into force, object to it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  keepersOf,
  newestOf,
  policyDigest,
  readPolicy,
  SignedPolicy,
  signerRoutes,
  signStatement,
  type Policy,
  type SigningKey,
} from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { jsonText, readConfig, readJson, replaceFile, writeNew } from '@kuramori/program';
import { listing, print, say } from '../command.ts';
import { policyOf, said, type House } from '../house.ts';

/** Adds the keeper's signature to the file, or begins it. A file of other bytes is not touched. */
export function signPolicy(policy: Policy, key: SigningKey, out: string): number {
  const digest = policyDigest(policy);
  const before = existsSync(out) ? readConfig(out, SignedPolicy) : null;
  if (before && policyDigest(before.policy) !== digest) {
    say(
      `kuramori: ${out}: holds another policy, ${policyDigest(before.policy)}: name another file with --out`,
    );
    return 1;
  }
  const others = (before?.signatures ?? []).filter(({ keeper }) => keeper !== key.publicKey);
  const signature = { keeper: key.publicKey, signature: signStatement(key, 'policy', policy) };
  const signed = `${jsonText({ policy, signatures: [...others, signature] })}\n`;
  if (before) replaceFile(out, signed);
  else writeNew(out, signed);
  print(
    `version ${policy.version}, digest ${digest}: signed by ${key.publicKey}, ${others.length + 1} in all`,
  );
  return 0;
}

/** The signed version behind the newest one of the house's file, if every reader would take the whole; nothing is written where not. */
export function addVersion(file: string, house: House): number {
  const signed = readConfig(file, SignedPolicy);
  const current = readJson(resolve(house.policy));
  const several = typeof current === 'object' && current !== null && 'bundles' in current;
  const bundles: readonly unknown[] = several && Array.isArray(current.bundles) ? current.bundles : [current];
  const next = { bundles: [...bundles, signed] };
  const read = readPolicy(JSON.parse(jsonText(next)), house.keepers);
  if (read.kind === 'refused') {
    say(`kuramori: ${file}: ${read.field}: ${read.why}`);
    return 1;
  }
  replaceFile(house.policy, jsonText(next));
  const before = read.chain.at(-2)?.policy;
  const { delay = 0 } = before?.loosening ?? {};
  print(
    [
      `${house.policy}: version ${read.policy.version} stands behind version ${before?.version}`,
      'Put a copy of this file where each signer, watchtower and custody has its own, and start them anew, one by one.',
      `From then on what it forbids is forbidden; what it allows more counts ${delay} s after a signer has taken it up.`,
      `A keeper who objects: kuramori policy object ${read.digest}`,
    ].join('\n'),
  );
  return 0;
}

/** Tells every signer; each has it wait longer by its own count. */
export async function objectTo(version: string, key: SigningKey, house: House): Promise<number> {
  const { policy } = newestOf(policyOf(house));
  if (!keepersOf(policy).keys.includes(key.publicKey))
    say(`kuramori: ${key.publicKey} is no keeper of version ${policy.version}; of one before, perhaps`);
  const objection = { policy: version, keeper: key.publicKey };
  const signed = { objection, signature: signStatement(key, 'objection', objection) };
  const told = await Promise.all(
    house.signers.map(async ({ id, at }) => {
      return { who: id, answer: await call(at, signerRoutes.object, signed) };
    }),
  );
  print(
    listing(
      told.map(({ who, answer }) => [who, answer.kind === 'done' ? 'has it wait longer' : said(answer)]),
    ),
  );
  return told.every(({ answer }) => answer.kind === 'done') ? 0 : 1;
}
