/** `kuramori policy`: is it sound, what would it say to one payment, and what would it change of those that were made. */
import { readFileSync } from 'node:fs';
import { canonicalText, formatAmount, type Asset, type Policy } from '@kuramori/core';
import { print, refuse, say, text, type Command } from './command.ts';
import { openHouse, openKey } from './house.ts';
import type { Flaw } from './policy/document.ts';
import { addVersion, objectTo, signPolicy } from './policy/keep.ts';
import { writePages } from './policy/pages.ts';
import { readPayments, type Past, type Payment } from './policy/payments.ts';
import { reachOf } from './policy/reach.ts';
import { rehearse, type Verdict } from './policy/rehearse.ts';
import { policySchema } from './policy/schema.ts';
import { readSource } from './policy/source.ts';

export const policyCommand: Command = {
  usage: `kuramori policy check FILE [--json]                 whether signers would take it; each flaw with its line and field
kuramori policy explain FILE --payment FILE [--json]  what the judge would say to a payment (the last one of several), and why
kuramori policy simulate FILE --payments FILE [--against FILE] [--json]
                                                    replays payments, or a signer's journal; beside another policy, what changes
kuramori policy reach FILE [--json]                 what each key does alone, and of what it is one of several
kuramori policy compile FILE                        the canonical bytes that keepers sign
kuramori policy sign FILE --key FILE --out FILE     a keeper's signature over it; where --out is there, one more in it
kuramori policy add SIGNED [--house FILE]           puts a signed version after the newest one of this house's file
kuramori policy object DIGEST --key FILE [--house FILE]
                                                    a keeper has a version that waits wait longer, at every signer
kuramori policy pages FILE --to FOLDER [--paper a4|letter]
                                                    a page to print of each wallet: descriptor, address, keys, digest
kuramori policy schema                              the JSON Schema of the source, for editors
  A policy is written in YAML or JSON (docs/policy.yaml is one), or signed as signers read it. Amounts have their unit:
  5_000 XEM, 1_000_000 JPY. The judge is the signers' own; only the exchange's key and people's are stood in for.`,
  options: {
    json: { type: 'boolean' },
    payment: { type: 'string' },
    payments: { type: 'string' },
    against: { type: 'string' },
    key: { type: 'string' },
    out: { type: 'string' },
    house: { type: 'string' },
    to: { type: 'string' },
    paper: { type: 'string' },
  },
  run: (options, [name = '', file, ...more]) => {
    const json = options['json'] === true;
    const wrong = (what: string) => refuse(`policy: ${what}\n\n${policyCommand.usage}`);
    const given = (option: string) => text(options[option]);
    const call = (): number | Promise<number> => {
      if (name === 'schema' && file === undefined) return schema();
      if (file === undefined || more.length > 0) return wrong(`'${name}' takes one file`);
      if (name === 'check') return check(file, json);
      if (name === 'reach') return reach(file, json);
      if (name === 'compile') return compile(file);
      if (name === 'pages') {
        const [to, policy] = [given('to'), soundPolicy(file)];
        if (to === null) return wrong('pages: --to names the folder');
        return policy === null ? 1 : writePages(policy, to, given('paper') ?? 'a4');
      }
      if (name === 'add') return addVersion(file, openHouse(given('house')));
      if (name === 'sign' || name === 'object') {
        const key = given('key');
        if (key === null) return wrong(`${name}: --key names the keeper's`);
        if (name === 'object') return objectTo(file, openKey(key), openHouse(given('house')));
        const out = given('out');
        if (out === null) return wrong('sign: --out names the file of the signed policy');
        const policy = soundPolicy(file);
        return policy === null ? 1 : signPolicy(policy, openKey(key), out);
      }
      if (name === 'explain')
        return given('payment') === null
          ? wrong('explain: --payment names the file of the payment')
          : explain(file, given('payment') ?? '', json);
      if (name === 'simulate')
        return given('payments') === null
          ? wrong('simulate: --payments names the file of the payments')
          : simulate(file, given('payments') ?? '', given('against'), json);
      return wrong(`'${name}' is no call of it`);
    };
    return Promise.resolve(call());
  },
};

/** The code is left out: what helps against it elsewhere, another data folder, does not help here. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`${file}: cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function schema(): number {
  print(JSON.stringify(policySchema(), null, 2));
  return 0;
}

function check(file: string, json: boolean): number {
  const read = readSource(textOf(file));
  const flaws = read.kind === 'refused' ? read.flaws : [];
  const doubts = read.kind === 'refused' ? [] : read.doubts;
  if (json) {
    const { version, digest } = read.kind === 'refused' ? {} : { ...read, version: read.policy.version };
    print(JSON.stringify({ sound: flaws.length === 0, version, digest, flaws, doubts }));
  } else {
    for (const flaw of flaws) say(lineOf(file, flaw));
    for (const doubt of doubts) say(`${lineOf(file, doubt)} (taken all the same)`);
    if (read.kind === 'policy') {
      const { version, rules, coldRules = [], denials, passkeys } = read.policy;
      const held = passkeys?.people.flatMap((one) => one.passkeys) ?? [];
      print(
        `sound: version ${version}, ${rules.length} rules, ${coldRules.length} cold rules, ${denials.length} denials${passkeys ? `, ${held.length} passkeys of ${passkeys.people.length} people at ${passkeys.rpId}` : ''}, digest ${read.digest}`,
      );
    }
  }
  return flaws.length === 0 ? 0 : 1;
}

const lineOf = (file: string, { line, column, field, why }: Flaw) =>
  `${file}:${line}:${column}: ${field}: ${why}`;

function compile(file: string): number {
  const policy = soundPolicy(file);
  if (policy === null) return 1;
  print(canonicalText(policy));
  return 0;
}

function reach(file: string, json: boolean): number {
  const policy = soundPolicy(file);
  if (policy === null) return 1;
  const all = reachOf(policy);
  if (json) print(JSON.stringify({ reach: all }));
  for (const { key, as, stops, moves, alone, together } of json ? [] : all) {
    print(`${as.join(', ')}  ${key.length > 40 ? `${key.slice(0, 16)}…` : key}`);
    const lines = [
      ...(stops ? ['stops the house, alone and at once'] : []),
      ...moves.map((what) => `moves alone: ${what}`),
      ...alone.map((what) => `alone: ${what}`),
      ...together.map((what) => `with others: ${what}`),
    ];
    for (const line of lines.length > 0 ? lines : ['nothing']) print(`    ${line}`);
  }
  return 0;
}

function soundPolicy(file: string): Policy | null {
  const read = readSource(textOf(file));
  if (read.kind === 'policy') return read.policy;
  for (const flaw of read.flaws) say(lineOf(file, flaw));
  return null;
}

function paymentsOf(file: string): Past | null {
  const read = readPayments(textOf(file));
  if (read.kind === 'payments') return read.past;
  for (const flaw of read.flaws) say(lineOf(file, flaw));
  return null;
}

function explain(policyFile: string, paymentFile: string, json: boolean): number {
  const [policy, past] = [soundPolicy(policyFile), paymentsOf(paymentFile)];
  if (policy === null || past === null) return 1;
  const last = rehearse(policy, past).at(-1);
  if (!last) return refuse(`${paymentFile}: there is no payment in it`);
  if (json) print(JSON.stringify(plainOf(last)));
  else {
    print(`${paymentText(last.payment)}\n${verdictText(last)}`);
    if (last.detail !== '') print(`  ${last.detail}`);
    for (const ground of last.grounds) print(`  by ${ground}`);
  }
  return 0;
}

function simulate(policyFile: string, paymentsFile: string, against: string | null, json: boolean): number {
  const [policy, past] = [soundPolicy(policyFile), paymentsOf(paymentsFile)];
  const other = against === null ? undefined : soundPolicy(against);
  if (policy === null || past === null || other === null) return 1;
  say(`${past.payments.length} payments are judged`);
  const now = rehearse(policy, past);
  const before = other && rehearse(other, past);
  const changed = now.flatMap((verdict, index) => {
    const was = before?.[index];
    return was && was.verdict !== verdict.verdict ? [{ was, is: verdict }] : [];
  });
  if (json) {
    const verdicts = { verdicts: now.map(plainOf) };
    const changes = changed.map(({ was, is }) => ({ was: was.verdict, ...plainOf(is) }));
    print(JSON.stringify({ ...sumsOf(now), ...(before ? { changes } : {}), ...verdicts }));
    return 0;
  }
  if (before && against !== null) print(`${against}:\n${sumsText(before)}\n${policyFile}:`);
  print(sumsText(now));
  if (before) print(`${changed.length} payments would be decided otherwise`);
  for (const { was, is } of changed)
    print(`  ${paymentText(is.payment)}\n    ${verdictText(was)} → ${verdictText(is)} ${is.detail}`);
  if (!before)
    for (const verdict of now)
      if (verdict.verdict !== 'approved')
        print(`  ${paymentText(verdict.payment)}\n    ${verdictText(verdict)}: ${verdict.detail}`);
  return 0;
}

function plainOf({ payment, verdict, detail, grounds }: Verdict) {
  const { at, wallet, asset, to, amount } = payment;
  const shown = { at: new Date(at).toISOString(), wallet, asset, to, amount: amount.toString() };
  return { ...shown, verdict, detail, grounds };
}

function paymentText({ at, wallet, asset, to, amount, reason }: Payment): string {
  return `${new Date(at).toISOString()}  ${reason} of ${formatAmount(amount, asset)} ${asset} from ${wallet} to ${to}`;
}

const verdictText = ({ verdict }: Verdict) => (verdict === 'approved' ? 'approved' : `refused: ${verdict}`);

/** How many, and how much of which asset, by verdict. */
function sumsOf(verdicts: readonly Verdict[]) {
  const sums = new Map<string, { verdict: string; asset: Asset; payments: number; units: bigint }>();
  for (const { verdict, payment } of verdicts) {
    const { asset, amount } = payment;
    const name = `${verdict} ${asset}`;
    const { payments, units } = sums.get(name) ?? { payments: 0, units: 0n };
    sums.set(name, { verdict, asset, payments: payments + 1, units: units + amount });
  }
  return {
    sums: [...sums.values()]
      .toSorted((one, other) => other.payments - one.payments)
      .map((sum) => ({ ...sum, units: sum.units.toString() })),
  };
}

function sumsText(verdicts: readonly Verdict[]): string {
  return sumsOf(verdicts)
    .sums.map(({ verdict, asset, payments, units }) => {
      const total = formatAmount(BigInt(units), asset).padStart(20);
      return `${String(payments).padStart(9)}  ${verdict.padEnd(28)} ${total} ${asset}`;
    })
    .join('\n');
}
