// Plays a schedule of recorded requests and of what happened between them against devnet nodes.
import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';
import {
  harvester,
  person,
  startUnderTest,
  type NodeUnderTest,
  type Setup,
} from './node-under-test.testing.ts';
import { checkNote, Row } from './recorded-notes.testing.ts';

/** What the real nodes were asked and answered. */
export const recorded: readonly Row[] = readFileSync(
  new URL('../../data/nis1/announces.jsonl', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => Row.parse(JSON.parse(line)));

const funder = 'NBCJMAEA7YHX2T7TZ5ATI4HQEFBYYU6GBVRTHW4P';
const timeStampAt = 8;

export interface Recording {
  /** NEM seconds of the first block. */
  readonly from: number;
  /** How many accounts the first block endows, so that database ids come out as recorded. */
  readonly accounts: number;
  /** Which rows are this chain's. */
  readonly has: (row: Row) => boolean;
  /**
   * Words: `14-21` rows, `287@t` a row at a time; `h19` blocks up to a height; `t367760284` a time;
   * `expired-kept` and `expired-dropped` the pool's check of deadlines; `push` and `sync` the second node's.
   */
  readonly schedule: readonly string[];
}

interface Pair {
  readonly first: NodeUnderTest;
  /** It knows the first one; the first does not know it, as on the recorded machines. */
  readonly second: NodeUnderTest;
}

/** Makes a test of each row and each step; gives back the numbers of the rows. */
export function play(recording: Recording): ReadonlySet<number> {
  let pair: Pair | undefined;
  const started = async () => (pair ??= await startPair(recording));
  afterAll(async () => {
    await pair?.second[Symbol.asyncDispose]();
    await pair?.first[Symbol.asyncDispose]();
  });
  const played = new Set<number>();
  for (const word of recording.schedule.flatMap((line) => line.split(' '))) {
    const rows = /^(?<from>[0-9]+)(-(?<to>[0-9]+))?(@(?<at>[0-9]+))?$/.exec(word)?.groups;
    if (rows === undefined) {
      it(word, async () => move(word, await started()));
      continue;
    }
    const [from, to, at] = [
      Number(rows['from']),
      Number(rows['to'] ?? rows['from']),
      Number(rows['at'] ?? 0),
    ];
    for (const row of recorded.filter((each) => each.row >= from && each.row <= to && recording.has(each))) {
      played.add(row.row);
      it(`row ${row.row}: ${row.step ?? row.get ?? ''}`, async () => {
        const { first, second } = await started();
        await check(row, /^node ?2$/.test(row.lab) ? second : first, at);
      });
    }
  }
  return played;
}

async function startPair({ from, accounts }: Recording): Promise<Pair> {
  const others = Array.from(
    { length: accounts - 2 },
    (_, at) => [person(`other ${at}`).address, 1_000] as const,
  );
  const balances: Setup['balances'] = [
    [funder as never, 8_000_000_000],
    [harvester.address, 100_000_000],
    ...others,
  ];
  const clock = { time: from };
  const first = await startUnderTest({ balances, clock });
  const peer = { peers: [first.node.url], broadcastMs: 60_000, syncMs: 600_000, harvest: undefined };
  return { first, second: await startUnderTest({ balances, clock, config: peer }) };
}

async function move(word: string, { first, second }: Pair): Promise<void> {
  const number = Number(word.slice(1));
  const { chain } = first.node.core;
  if (word === 'push') await second.post('/devnet/control/broadcast');
  else if (word === 'sync') await second.post('/devnet/control/sync');
  else if (word.startsWith('expired-')) {
    await first.post('/devnet/control/deadlines', { check: word === 'expired-dropped' });
  } else if (word.startsWith('t')) {
    expect(number).toBeGreaterThanOrEqual(first.now());
    first.setTime(number);
  } else {
    while (chain.height() < number) await first.harvest();
    expect(chain.height()).toBe(number);
  }
}

async function check(row: Row, devnet: NodeUnderTest, at: number): Promise<void> {
  if (row.announce !== undefined) return checkAnnounces(row, devnet, at);
  if (row.get === '/account/transfers/all') return checkTransfer(row, devnet);
  if (row.get === undefined) return checkNote(row, devnet);
  const { status, body } = await devnet.get(row.get);
  return expect({ http: status, ...Object(body) }).toEqual(row.reply);
}

async function checkAnnounces(row: Row, devnet: NodeUnderTest, at: number): Promise<void> {
  const replies = z.array(z.unknown()).parse(row.reply);
  for (const [index, { data, signature }] of (row.announce ?? []).entries()) {
    const bytes = Uint8Array.fromHex(data);
    const timeStamp = new DataView(bytes.buffer).getInt32(timeStampAt, true);
    devnet.setTime(Math.max(devnet.now(), timeStamp, at));
    const { status, body } = await devnet.announceBytes(bytes, signature);
    expect({ http: status, ...Object(body) }).toEqual(replies[index]);
  }
}

/** A confirmed transaction with its id and height, or null for one that never was. */
async function checkTransfer({ hash = '', reply }: Row, devnet: NodeUnderTest): Promise<void> {
  const { status, body } = await devnet.get(`/transaction/get?hash=${hash}`);
  if (reply === null) return expect(status).toBe(400);
  return expect(body).toEqual(reply);
}
