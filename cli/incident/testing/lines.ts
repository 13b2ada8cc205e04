/** Lines as a watchtower writes them, for tests that bend one of them. */
import { jsonText } from '@kuramori/program';
import { build } from '../build.ts';
import { exported, formats, type Exported } from '../exports.ts';
import { merge } from '../merge.ts';
import { readPages } from '../pages.ts';
import { readSource } from '../read.ts';
import type { IncidentRecord } from '../record.ts';
import { langs } from '../words.ts';

export const began = Date.parse('2026-01-25T15:02:13.100Z');
export const [thief, hot, cold] = ['T', 'H', 'C'].map((letter) => letter.repeat(40)) as [
  string,
  string,
  string,
];
export const [wrapper, inner, signer, freeze] = ['a1', 'b2', 'c3', 'd4'].map((two) => two.repeat(32)) as [
  string,
  string,
  string,
  string,
];

export const hexOf = (text: string) => Buffer.from(text).toString('hex');

/** A thief's proposal to take 40,000 XEM, seen while unconfirmed. */
export function alarm(more: object = {}, message = ''): object {
  return {
    at: began + 20,
    chainTime: began - 5_000,
    event: 'alarm: frozen',
    why: 'a proposed transfer unconfirmed: no record covers it',
    transaction: wrapper,
    transactions: [wrapper, inner],
    node: 'http://10.0.0.1:7890',
    height: null,
    wallet: 'hot',
    does: {
      kind: 'proposal',
      by: signer,
      fee: '150000',
      of: {
        kind: 'transfer',
        from: hot,
        to: thief,
        moves: [{ asset: 'nem:xem', units: '40000000001' }],
        message: message === '' ? null : { kind: 'plain', hex: hexOf(message) },
        fee: '150000',
      },
    },
    seenAt: began,
    signer,
    evidence: { bytes: '0a0b', signature: 'ff' },
    signatureVerifies: true,
    freeze,
    ...more,
  };
}

export const frozen = (who: string, after: number): object => ({
  at: began + after,
  chainTime: began - 5_000,
  event: 'signer frozen',
  signer: who,
});

export const inBlock = (node = 'http://10.0.0.1:7890', height = 1042): object => {
  const { transaction, transactions, wallet, does, seenAt } = alarm() as { [field: string]: unknown };
  const told = { transaction, transactions, wallet, does, seenAt, node, height };
  return { at: began + 60_000, chainTime: began, event: 'unexplained, and in a block', ...told };
};

export const textOf = (...lines: readonly object[]) => lines.map((line) => `${jsonText(line)}\n`).join('');

/** Name of a watchtower → its file's text. */
export function recordOf(
  files: { readonly [name: string]: string },
  pages: string | null = null,
  since: number | null = null,
): IncidentRecord {
  const sources = Object.entries(files).map(([name, text]) =>
    readSource(name, `/${name}/incident.jsonl`, text),
  );
  return build({
    sources,
    facts: merge(sources),
    pages: pages === null ? null : readPages('/pager/pages.jsonl', pages),
    since,
  });
}

export function everything(record: IncidentRecord): readonly Exported[] {
  return formats.flatMap((format) => exported(record, format, langs));
}

export function fileOf(record: IncidentRecord, name: string): string {
  const found = everything(record).find((one) => one.name === name);
  if (!found) throw new Error(`no ${name} is exported`);
  return found.text;
}
