// The recorded replies again, as text: field by field and in the real node's order.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { encode, fromNisJson } from '@kuramori/chains/nem/codec';
import { blockBytes, sealBlock } from '../chain/block.ts';
import { isBlockGenuine } from '../rules/block-rules.ts';
import { blockJson, explorerBlockJson, rowJson } from '../http/block-json.ts';
import { deserialise } from '../wire/deserialise.ts';
import { jsonText } from '../http/json.ts';
import { openSignatureCheck } from '../rules/signature-check.ts';
import { transactionJson } from '../http/transaction-json.ts';
import type { Cosignature, Transaction } from '../wire/transaction.ts';

const Line = z.object({ log: z.int(), step: z.string(), reply: z.unknown() });
const lines = readFileSync(new URL('../../data/nis1/replies.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => Line.parse(JSON.parse(line)));

function reply(step: string): unknown {
  const found = lines.find((line) => line.step === step);
  if (found === undefined) throw new Error(`no recorded reply is called ${step}`);
  return found.reply;
}

/** The transaction of a recorded JSON, by way of its bytes: read by the codec, written, read by the node. */
function transactionOf(json: unknown): Transaction {
  const read = fromNisJson(json, 'mainnet');
  if (read.kind === 'refused') throw new Error(`${read.why} ${read.field}`);
  const transaction = {
    ...deserialise(encode(read.transaction), 'non-verifiable', 'mainnet'),
    signature: read.signature,
  };
  if (transaction.kind !== 'multisig') return transaction;
  const cosignatures = read.cosignatures.map(({ transaction: cosignature, signature }) => ({
    ...(deserialise(encode(cosignature), 'non-verifiable', 'mainnet') as Cosignature),
    signature,
  }));
  return { ...transaction, cosignatures };
}

const Pair = z.looseObject({ meta: z.unknown(), transaction: z.unknown() });
const WithData = z.looseObject({ data: z.array(z.unknown()) });
const RecordedBlock = z.object({
  timeStamp: z.int(),
  signature: z.string(),
  prevBlockHash: z.object({ data: z.string() }),
  type: z.int(),
  transactions: z.array(z.unknown()),
  version: z.int(),
  signer: z.string(),
  height: z.int(),
});

function blockOf(json: unknown) {
  const { timeStamp, signature, prevBlockHash, type, transactions, version, signer, height } =
    RecordedBlock.parse(json);
  const unsigned = {
    type,
    version: version & 0xffffff,
    networkByte: version >>> 24,
    timeStamp,
    signer: signer as never,
    prevHash: prevBlockHash.data,
    height,
    transactions: transactions.map(transactionOf),
  };
  return sealBlock(unsigned, blockBytes(unsigned, null), signature, 'mainnet');
}

describe('transactions', () => {
  it.each(['confirmed transfers/all entry', 'transaction/get', 'multisig confirmed'])('%s', (step) => {
    const { meta, transaction } = Pair.parse(reply(step));
    const read = transactionOf(transaction);
    expect(jsonText(transactionJson(read))).toBe(JSON.stringify(transaction));
    const { id, height } = z.looseObject({ id: z.int(), height: z.int() }).parse(meta);
    expect(jsonText(rowJson({ id, height, transaction: read }))).toBe(JSON.stringify(reply(step)));
    expect(openSignatureCheck()(read)).toBe(true);
  });

  it('a pending wrapper, as a cosigner sees it', () => {
    const { transaction } = Pair.parse(WithData.parse(reply('unconfirmed for c2')).data[0]);
    expect(jsonText(transactionJson(transactionOf(transaction)))).toBe(JSON.stringify(transaction));
  });
});

describe('blocks', () => {
  const { http: _, ...recorded } = z.looseObject({ http: z.int() }).parse(reply('block/at/public'));

  it('/block/at/public', () => {
    expect(jsonText(blockJson(blockOf(recorded)))).toBe(JSON.stringify(recorded));
  });

  it('have the recorded hash, and the harvester signed exactly our bytes', () => {
    const block = blockOf(recorded);
    const [explorer] = WithData.parse(reply('local/chain/blocks-after')).data;
    expect(block.hash).toBe(z.looseObject({ hash: z.string() }).parse(explorer).hash);
    expect(isBlockGenuine(block)).toBe(true);
  });

  it('/local/chain/blocks-after', () => {
    const [explorer] = WithData.parse(reply('local/chain/blocks-after')).data;
    const { difficulty } = z.looseObject({ difficulty: z.int() }).parse(explorer);
    const link = {
      block: blockOf(recorded),
      difficulty: BigInt(difficulty),
      score: 0n,
      numbers: { row: 1, definition: 1 },
    };
    expect(jsonText(explorerBlockJson(link))).toBe(JSON.stringify(explorer));
  });

  it('with a multisig in it: the harvester signed our bytes of wrapper, inner one and cosignature', () => {
    const rows = readFileSync(new URL('../../data/nis1/announces.jsonl', import.meta.url), 'utf8')
      .trim()
      .split('\n');
    const row = rows.find((line) => line.startsWith('{"row":323,')) ?? '';
    const { block } = z.looseObject({ block: z.looseObject({ http: z.int() }) }).parse(JSON.parse(row));
    expect(isBlockGenuine(blockOf(block))).toBe(true);
  });
});

describe('the order of fields that comes from Java', () => {
  it.each(lines.map(({ log, step, reply: recorded }) => [`log ${log}: ${step}`, recorded]))(
    '%s',
    (_, recorded) => {
      // The recorder put the HTTP status in front.
      const { http: _http, ...body } = z.looseObject({}).parse(recorded);
      expect(jsonText(body as never)).toBe(JSON.stringify(body));
    },
  );
});
