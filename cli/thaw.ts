/** `kuramori thaw`: the keepers look at what stands, agree, sign, and have the house wait and start again. */
import { existsSync } from 'node:fs';
import {
  freezeDigest,
  newestOf,
  signStatement,
  thawDigest,
  watchtowerRoutes,
  keepersOf,
  type PolicyChain,
  type Refusal,
  type SignedFreeze,
} from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { jsonText } from '@kuramori/program';
import { listing, print, refuse, say, text, type Command } from './command.ts';
import {
  openHouse,
  openKey,
  policyOf,
  said,
  statuses,
  whoIs,
  type House,
  type NoAnswer,
  type Status,
} from './house.ts';
import {
  addSignature,
  answersText,
  draftThaw,
  openQuestion,
  readThaw,
  signedOf,
  stoppedBy,
} from './thaw/file.ts';
import { questions } from './thaw/questions.ts';

export const thawCommand: Command = {
  usage: `kuramori thaw status [--house FILE] [--json]          who is frozen by whom and why, what waits until when, and what was answered
kuramori thaw draft FILE [--keep ASSET]… [--suspend KEY]… [--not-before TIME] [--house FILE]
                                                      writes down a thaw of everything that stands now, with questions
                                                      to answer in the file: what led to it, what was done about it;
                                                      what stops only the assets that --keep names is left standing
kuramori thaw sign FILE --key FILE                    a keeper's signature over it all, once every question is answered
kuramori thaw give FILE [--house FILE] [--json]       to every watchtower: it waits there and at every signer, then lifts
  A thaw lifts the freezes it names, no later one. --suspend: a watchtower, signer or operator who froze falsely is heard
  no more. A key that signed what nothing explains must first be replaced in the policy.`,
  options: {
    key: { type: 'string' },
    keep: { type: 'string', multiple: true },
    suspend: { type: 'string', multiple: true },
    'not-before': { type: 'string' },
    house: { type: 'string' },
    json: { type: 'boolean' },
  },
  run: async (options, [name = '', file, ...more]) => {
    const wrong = (what: string) => refuse(`thaw: ${what}\n\n${thawCommand.usage}`);
    const house = () => openHouse(text(options['house']));
    const json = options['json'] === true;
    if (name === 'status' && file === undefined) return status(house(), json);
    if (file === undefined || more.length > 0) return wrong(`'${name}' takes one file`);
    if (name === 'draft') {
      const time = text(options['not-before']);
      const notBefore = time === null ? Date.now() : Date.parse(time);
      if (!Number.isFinite(notBefore))
        return wrong(`--not-before: '${time}' is no time: 2026-01-26T09:00:00Z is one`);
      const named = (option: 'keep' | 'suspend') => (options[option] ?? []) as readonly string[];
      return draft(house(), file, { keeps: named('keep'), suspends: named('suspend'), notBefore });
    }
    if (name === 'sign') {
      const key = text(options['key']);
      return key === null ? wrong('sign: --key names the keeper’s') : sign(file, key);
    }
    return name === 'give' ? give(house(), file, json) : wrong(`'${name}' is no call of it`);
  },
};

const timeText = (ms: number) => new Date(ms).toISOString();

function freezeText(chain: PolicyChain, signed: SignedFreeze): string {
  const { freeze } = signed;
  return `${stoppedBy(signed)}, since ${timeText(freeze.at)} by ${whoIs(chain, freeze.by)}: ${freeze.why}`;
}

function statusText(chain: PolicyChain, answer: Status | Refusal | NoAnswer): string {
  if (answer.kind !== 'status') return said(answer);
  if (answer.freezes.length === 0) return 'runs';
  const waits = answer.thaws.map(({ thaw, due }) => `thaw ${thawDigest(thaw)} waits until ${timeText(due)}`);
  return ['frozen', ...answer.freezes.map((freeze) => freezeText(chain, freeze)), ...waits].join('\n    ');
}

async function status(house: House, json: boolean): Promise<number> {
  const chain = policyOf(house);
  const all = await statuses(house);
  if (json) print(jsonText({ house: all }));
  else {
    print(listing(all.map(({ who, answer }) => [who, statusText(chain, answer)] as const)));
    const waiting = new Map(
      all.flatMap(({ answer }) =>
        'thaws' in answer ? answer.thaws.map(({ thaw }) => [thawDigest(thaw), thaw.thaw] as const) : [],
      ),
    );
    for (const [digest, thaw] of waiting) print(`thaw ${digest}\n${answersText(thaw)}`);
  }
  return all.every(({ answer }) => answer.kind === 'status') ? 0 : 1;
}

interface Draft {
  readonly keeps: readonly string[];
  readonly suspends: readonly string[];
  readonly notBefore: number;
}

/** Of everything that stands anywhere, so that nothing is left standing that nobody looked at. */
async function draft(house: House, file: string, { keeps, suspends, notBefore }: Draft): Promise<number> {
  const all = await statuses(house);
  const silent = all.filter(({ answer }) => answer.kind !== 'status');
  for (const { who, answer } of silent)
    say(`kuramori: ${who} ${said(answer)}: what stands there is not in this thaw`);
  const isKept = ({ freeze: { assets } }: SignedFreeze) =>
    assets?.every((asset) => keeps.includes(asset)) ?? false;
  const everything = all.flatMap(({ answer }) => ('freezes' in answer ? answer.freezes : []));
  const standing = new Map(
    everything.filter((freeze) => !isKept(freeze)).map((freeze) => [freezeDigest(freeze), freeze] as const),
  );
  if (standing.size === 0) {
    const none =
      everything.length === 0 ? 'nobody who answers is frozen' : 'nothing stands but what --keep names';
    say(`kuramori: ${none}: there is nothing to thaw`);
    return 1;
  }
  const chain = policyOf(house);
  const { digest, policy } = newestOf(chain);
  const thaw = { lifts: [...standing.keys()], suspends: [...suspends], policy: digest, notBefore };
  draftThaw(file, thaw, [...standing.values()], (key) => whoIs(chain, key));
  print(`lifts\n${[...standing.values()].map((freeze) => `  ${freezeText(chain, freeze)}`).join('\n')}`);
  if (suspends.length > 0) print(`suspends\n${suspends.map((key) => `  ${whoIs(chain, key)}`).join('\n')}`);
  const { quorum, people } = policy.keepers;
  print(`to answer in ${file}`);
  for (const [question, { en, ja }] of Object.entries(questions)) print(`  ${question}: ${en}\n    ${ja}`);
  print(
    `${file}: ${quorum} of ${people.length} keepers must sign it (kuramori thaw sign); given, it waits ${policy.thaw.delay} s`,
  );
  return 0;
}

function sign(file: string, keyFile: string): number {
  const signed = readThaw(file);
  const open = openQuestion(signed);
  if (open !== null) {
    say(`kuramori: ${file}: ${open}`);
    return 1;
  }
  const key = openKey(keyFile);
  const signature = { keeper: key.publicKey, signature: signStatement(key, 'thaw', signed.thaw) };
  const { all, overtaken } = addSignature(file, signed, signature);
  for (const keeper of overtaken)
    say(
      `kuramori: ${keeper} signed what stood there before, and must sign again: what stands there now is other`,
    );
  const { lifts, suspends, notBefore } = signed.thaw;
  print(
    `signed by ${key.publicKey}, ${all} in all: lifts ${lifts.length}, suspends ${suspends.length}, not before ${timeText(notBefore)}`,
  );
  return 0;
}

async function give(house: House, file: string, json: boolean): Promise<number> {
  if (!existsSync(file)) return refuse(`${file}: is not there: kuramori thaw draft makes it`);
  const signed = signedOf(readThaw(file));
  const { quorum } = keepersOf(newestOf(policyOf(house)).policy);
  if (signed.signatures.length < quorum)
    say(`kuramori: ${signed.signatures.length} of ${quorum} keepers have signed it`);
  // Signers believe no clock but the watchtowers', who bring it to them.
  const told = await Promise.all(
    house.watchtowers.map(async ({ name, at }) => {
      const answer = await call(at, watchtowerRoutes.thaw, signed);
      const waits = answer.kind === 'refused' && answer.why === 'thaw-waits';
      if (answer.kind === 'done') return { who: name, taken: true, said: 'has thawed' };
      return { who: name, taken: waits, said: waits ? `waits ${answer.detail}` : said(answer) };
    }),
  );
  if (json) print(jsonText({ told }));
  else print(listing(told.map((one) => [one.who, one.said] as const)));
  return told.length > 0 && told.every(({ taken }) => taken) ? 0 : 1;
}
