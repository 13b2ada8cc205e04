/** kill -9 wherever it stands: what was asked is done once, by the same bytes or by none, and no number is lost or given twice. */
import { getAddress } from 'viem';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { customer as stranger } from '../chains/ethereum/codec/house.testing.ts';
import {
  lookerAt,
  must,
  payment,
  scene,
  type Looker,
  type Payment,
  type Scene,
} from '../chains/ethereum/testing/scene.ts';
import { account, askFor, program, type Program } from './testing/desk.ts';

/**
 * At the start it asks seven questions; to relay one thing twelve more, the last of which sends it, and one line is written before
 * that. Others at a run with more rounds.
 */
const questions =
  Number(process.env['KURAMORI_ROUNDS'] ?? 0) > 0 ? Array.from({ length: 16 }, (_, at) => at + 6) : [9, 19];
const points = [
  'write:before:1',
  'write:after:1',
  'answer:before:1',
  ...questions.flatMap((at) => [`send:before:${at}`, `send:after:${at}`]),
];

describe('killed at each step (anvil, and processes)', () => {
  let s: Scene;
  let l: Looker;
  let p: Program;
  beforeAll(async () => {
    s = await scene();
    await s.chain.send(getAddress(s.hot.address), '0x', 10n ** 18n);
    await s.chain.send(getAddress(account), '0x', 10n ** 18n);
    l = lookerAt(s.chain.url, s);
    await l.look();
  }, 60_000);
  afterAll(() => s[Symbol.asyncDispose]());
  beforeEach(() => {
    p = program(s);
  });
  afterEach(async () => {
    await p.stop();
    p[Symbol.dispose]();
    await s.anvil('evm_setAutomine', true);
    await s.anvil('anvil_mine', '0x3');
  });

  const paying = async (): Promise<Payment> =>
    payment(s.hot, {
      recipient: stranger,
      units: 1n,
      nonce: must(await l.client.safe(s.hot, 'latest')).nonce,
    });
  const sent = async () => Number(must(await l.client.account(account, 'latest')).nonce);
  const isDone = async (paid: Payment): Promise<boolean> => {
    const fate = await p.ask('fate', { id: paid.hash });
    return typeof fate === 'object' && fate !== null && 'kind' in fate && fate.kind === 'executed';
  };
  async function until(what: () => Promise<boolean>): Promise<void> {
    for (const began = Date.now(); !(await what()); await sleep(50))
      if (Date.now() - began > 15_000) throw new Error('not within 15 s');
  }

  it.each(points)('while it relays: %s', async (dieAt) => {
    const before = await sent();
    const paid = await paying();
    await s.anvil('evm_setAutomine', false);
    await p.start(dieAt);
    // It dies in the middle, or soon after it has answered.
    await p.ask('relay', askFor(paid));
    await until(async () => p.isDead());
    await p.start();
    // Who was not answered asks again.
    const answer = await p.ask('relay', askFor(paid));
    expect(answer).toMatchObject({ kind: 'under-way', nonce: before });
    await until(async () => {
      const { pending } = (await s.anvil('txpool_status')) as { pending: string };
      return pending === '0x1';
    });
    await s.anvil('anvil_mine', '0x4');
    await until(() => isDone(paid));
    const executed = (await l.seen()).flatMap(({ executions }) => executions);
    expect(executed.map(({ hash, outcome }) => [hash, outcome])).toEqual([[paid.hash, 'done']]);
    expect(await sent()).toBe(before + 1);
    expect([...p.written()].map(([nonce, all]) => [nonce, all.length])).toEqual([[before, 1]]);
  });

  it.each(['write:before:2', 'write:after:2'])('while it notes what became of it: %s', async (dieAt) => {
    const paid = await paying();
    await p.start(dieAt);
    expect(await p.ask('relay', askFor(paid))).toMatchObject({ kind: 'under-way' });
    await s.anvil('anvil_mine', '0x4');
    await until(async () => (await p.ask('status', {})) === undefined);
    await p.start();
    await until(() => isDone(paid));
    expect(await p.ask('relay', askFor(paid))).toMatchObject({ kind: 'executed' });
    expect([...p.written().values()].map((all) => all.length)).toEqual([1]);
    await l.look();
  });

  it('a second process over the same journal does not start', async () => {
    await p.start();
    const paid = await paying();
    expect(await p.ask('relay', askFor(paid))).toMatchObject({ kind: 'under-way' });
    await expect(p.startBeside()).rejects.toThrow(/socket/);
    expect(await p.ask('status', {})).toMatchObject({ kind: 'status', account, failed: null });
    await s.anvil('anvil_mine', '0x4');
    await until(() => isDone(paid));
    await l.look();
  });
});
