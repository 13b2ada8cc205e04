import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { signerRoutes } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { tower } from '../core/testing/house.ts';
import { send } from '../program/testing/send.ts';
import { open, propose } from './testing/caller.ts';
import { program, start } from './testing/program.ts';

const one = program();
afterAll(() => one[Symbol.dispose]());
const socket = one.at('socket');

describe('a signer whose disk is full', () => {
  it('stops with one line, has answered for nothing that is not on the disk, and goes on once there is room', async () => {
    const first = await start(one, { mostBlocks: 12 });
    await open(one);
    let recorded = 0;
    for (let second = 1; second < 20; second += 1) {
      const answer = await propose(one, second);
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
    const status = await call({ socket }, signerRoutes.status, {});
    expect(status).toMatchObject({ seq: recorded });
    await open(one);
    expect(await propose(one, 100)).toMatchObject({ kind: 'recorded' });
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
    expect((await call({ socket }, signerRoutes.status, {})).kind).toBe('status');
    child.kill();
    expect((await ended).code).toBe(0);
  });
});
