import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { beforeFirst, signerRoutes, signStatement, type SignedEntry } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { intentFor, now, partOf, requestFor, tower, xem } from '../core/testing/house.ts';
import { send } from '../program/testing/send.ts';
import { nemTimeOf, planPayment } from '@kuramori/chains/nem/codec';
import { alice, cosigners, factFor } from './testing/desk.ts';
import { program, start } from './testing/program.ts';

const one = program();
afterAll(() => one[Symbol.dispose]());
const socket = one.at('socket');

async function open(entries: readonly SignedEntry[] = [], hash = beforeFirst): Promise<void> {
  const status = await call(socket, signerRoutes.status, {});
  if (status.kind !== 'status') throw new Error(JSON.stringify(status));
  const head = { signer: 'signer-1', session: status.session, seq: entries.length, hash };
  const signed = { head, watchtower: tower.publicKey, signature: signStatement(tower, 'journal-head', head) };
  expect(await call(socket, signerRoutes.adopt, { head: signed, entries: [...entries] })).toEqual({
    kind: 'done',
  });
}

async function pay(second: number) {
  const nonce = await call(socket, signerRoutes.nonce, {});
  if (nonce.kind !== 'nonce') return nonce;
  const request = requestFor({ to: alice });
  const intent = intentFor(request);
  const [wallet] = one.policy.wallets;
  const timeStamp = nemTimeOf(now) + second;
  const plan = planPayment({
    wallet: wallet as NonNullable<typeof wallet>,
    network: 'testnet',
    recipient: alice,
    units: xem('10'),
    memo: '',
    timeStamp,
    deadline: timeStamp + 3600,
    keys: [one.chainKey, cosigners[1].publicKey],
  });
  if (plan.kind === 'refused') throw new Error(plan.why);
  const bytes = { plan: plan.planned.plan, share: plan.planned.plan };
  const ask = {
    kind: 'payment',
    wallet: 'hot',
    intents: [partOf(request, intent)],
    ...bytes,
    facts: [factFor([nonce.nonce])],
  };
  return call(socket, signerRoutes.propose, ask as never);
}

describe('a signer whose disk is full', () => {
  it('stops with one line, has answered for nothing that is not on the disk, and goes on once there is room', async () => {
    const first = await start(one, 12);
    await open();
    let recorded = 0;
    for (let second = 1; second < 20; second += 1) {
      const answer = await pay(second);
      if (answer.kind !== 'recorded') break;
      recorded += 1;
    }
    const { code, lines } = await first.ended;
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(
      /^co-signer: .*journal\.jsonl: the size limit of files is reached: .* free space at .*, then start again$/,
    );
    expect(recorded).toBeGreaterThan(0);
    // Half a line is there, for which nobody got an answer.
    const left = readFileSync(one.at('journal.jsonl'), 'utf8');
    expect(left.endsWith('\n')).toBe(false);

    const second = await start(one);
    const status = await call(socket, signerRoutes.status, {});
    expect(status).toMatchObject({ seq: recorded });
    await open();
    expect(await pay(100)).toMatchObject({ kind: 'recorded' });
    second.child.kill();
    await second.ended;
  });
});

describe('a caller that wants the signer dead', () => {
  it('says what has no canonical form, and gets a refusal', async () => {
    const { child, ended } = await start(one);
    const freeze = { freeze: { by: tower.publicKey, at: 1, why: 'x' }, signature: '00'.repeat(64) };
    const hostile: readonly (readonly [path: string, body: string])[] = [
      ['/v1/freeze', JSON.stringify(freeze).replace('"at":1', '"at":-0')],
      ['/v1/freeze', JSON.stringify(freeze).replace('"x"', '"\\ud800"')],
      ['/v1/freeze', JSON.stringify(freeze).replace('"at":1', '"at":1e400')],
      ['/v1/freeze', JSON.stringify(freeze).replace('"at":1', '"at":0.5')],
      ['/v1/journal', '{"from":9007199254740991}'],
      ['/v1/release', '{"entry":"__proto__","countersignatures":[]}'],
    ];
    for (const [path, body] of hostile) {
      const { status } = await send(socket, path, body);
      expect([200, 400], `${path} ${body}`).toContain(status);
    }
    expect((await call(socket, signerRoutes.status, {})).kind).toBe('status');
    child.kill();
    expect((await ended).code).toBe(0);
  });
});
