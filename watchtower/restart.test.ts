import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call } from '@kuramori/chains/http';
import { chainOf, signerRoutes, signStatement } from '@kuramori/core';
import { records, tower, xem } from '../core/testing/house.ts';
import { openFreezer } from './frozen.ts';
import { openArchive } from './archive.ts';
import { cold, cosigners, lookout, hot, thiefsAddress, until, type Lookout } from './testing/lookout.ts';
import { transfer, wrapped } from './testing/transactions.ts';

let l: Lookout;
beforeEach(async () => {
  l = await lookout();
  await l.seeing();
});
afterEach(() => l[Symbol.asyncDispose]());

const [first] = cosigners;
const socketOf = (id: string) => l.sockets.get(id);
const steal = () =>
  l.announce(wrapped(first, transfer(hot, thiefsAddress, xem('1'), l.now()), l.now()), first);
const status = async (id: string) => {
  const answer = await call(socketOf(id), signerRoutes.status, {});
  if (answer.kind !== 'status') throw new Error(JSON.stringify(answer));
  return answer;
};

describe('a watchtower that restarts', () => {
  it('is still frozen, and freezes a signer that comes back', async () => {
    await l.stopSigner('signer-2');
    await steal();
    await until('the freeze', () => l.tower().status().frozen !== null);
    await l.stopTower();
    await l.startTower();
    expect(l.tower().status().frozen).not.toBe(null);
    await l.startSigner('signer-2');
    await until('signer-2 to be frozen', async () => (await status('signer-2')).frozen !== null);
    await until(
      'the evacuation, once both are there',
      () => l.incident().includes('evacuation sent'),
      15_000,
    );
  });

  it('knows what it covered: its payments are no alarm when it reads them again', async () => {
    await l.pay();
    await l.harvest();
    await l.stopTower();
    await l.startTower();
    await l.seeing();
    expect(l.tower().status().frozen).toBe(null);
    expect(
      l
        .tower()
        .status()
        .signers.map(({ seq }) => seq),
    ).toEqual([1, 1]);
  });

  it('that lost its freeze takes it back from a signer, and passes it on', async () => {
    const freeze = { by: records[1].publicKey, at: 1, why: 'an operator saw it' };
    const theirs = { freeze, signature: signStatement(records[1], 'freeze', freeze) };
    expect(await call(socketOf('signer-1'), signerRoutes.freeze, theirs)).toEqual({ kind: 'done' });
    await until('the watchtower to be frozen', () => l.tower().status().frozen !== null);
    expect(l.tower().status().frozen?.freeze.why).toBe('an operator saw it');
    await until('signer-2 to be frozen', async () => (await status('signer-2')).frozen !== null);
  });

  it('with a damaged archive or freeze does not start', async () => {
    await l.pay();
    await steal();
    await until('the freeze', () => l.tower().status().frozen !== null);
    await l.stopTower();
    const archive = join(l.folder, 'archive.jsonl');
    const whole = readFileSync(archive, 'utf8');
    for (const damaged of [
      whole.replace('"amount":"10000000"', '"amount":"10000001"'),
      // Its first line says since when the policy is known; the second is an entry.
      whole.split('\n').toSpliced(1, 1).join('\n'),
      `{}\n${whole}`,
      whole.replace('"countersigned"', '"x"'),
    ]) {
      writeFileSync(archive, damaged);
      expect(() => openArchive(archive, chainOf(l.policy))).toThrow(/archive\.jsonl: /);
    }
    writeFileSync(archive, whole);
    const frozen = join(l.folder, 'frozen.json');
    for (const damaged of ['', '{}', readFileSync(frozen, 'utf8').slice(0, -9)]) {
      writeFileSync(frozen, damaged);
      expect(() => openFreezer(frozen, tower)).toThrow(/is damaged: somebody froze.*do not delete it/);
    }
    rmSync(frozen);
    await l.startTower();
  });
});

describe('a signer restored from yesterday', () => {
  it('is brought up to what the watchtower holds before it signs again', async () => {
    const file = join(l.folder, 'signer-1.jsonl');
    await l.pay();
    copyFileSync(file, `${file}.yesterday`);
    l.clock.ms += 1_000;
    await l.pay();
    await l.stopSigner('signer-1');
    copyFileSync(`${file}.yesterday`, file);
    await l.startSigner('signer-1');
    await l.seeing();
    expect(await status('signer-1')).toMatchObject({ seq: 2, open: true });
  });

  it('and frozen meanwhile, is frozen before it is open, and can still send coins home', async () => {
    const file = join(l.folder, 'signer-1.jsonl');
    await l.pay();
    copyFileSync(file, `${file}.yesterday`);
    l.clock.ms += 1_000;
    await l.pay();
    await l.harvest();
    await l.stopSigner('signer-1');
    await steal();
    await until('the freeze', () => l.tower().status().frozen !== null);
    copyFileSync(`${file}.yesterday`, file);
    await l.startSigner('signer-1');
    await until('the evacuation', () => l.incident().includes('evacuation sent'), 15_000);
    expect(await status('signer-1')).toMatchObject({ open: true });
  });
});

describe('what goes wrong beside an alarm', () => {
  it('an incident file that cannot be written, and a webhook that nobody answers, hold nothing up', async () => {
    await l[Symbol.asyncDispose]();
    l = await lookout({
      webhooks: [{ url: 'http://127.0.0.1:9/', secret: `whsec_${Buffer.alloc(24, 1).toString('base64')}` }],
    });
    await l.seeing();
    const file = join(l.folder, 'incident.jsonl');
    rmSync(file, { force: true });
    mkdirSync(file);
    mkdirSync(join(l.folder, 'frozen.json.next'));
    await steal();
    await until(
      'both signers to be frozen',
      async () => (await status('signer-1')).frozen !== null && (await status('signer-2')).frozen !== null,
    );
    expect(existsSync(join(l.folder, 'frozen.json'))).toBe(false);
    rmSync(join(l.folder, 'frozen.json.next'), { recursive: true });
    await until('the freeze to be on the disk, once there is room', () =>
      existsSync(join(l.folder, 'frozen.json')),
    );
    const balance = await l.balance(cold.address);
    await until('the evacuation', async () => {
      await l.harvest();
      return (await l.balance(cold.address)) > balance + xem('40000');
    });
    rmSync(file, { recursive: true });
  });
});

describe('a chain that is rewritten', () => {
  it('to a shorter one: what was confirmed is not, until it is again', async () => {
    const plan = await l.pay();
    const before = l.nodes[0].core.chain.last().block.height;
    await l.harvest();
    await l.seeing();
    expect(plan.length).toBeGreaterThan(0);
    for (const node of l.nodes) {
      const headers = { 'content-type': 'application/json' };
      await fetch(`${node.url}/devnet/control/rewind`, {
        method: 'POST',
        headers,
        body: '{"blocks":1,"transactions":"pending"}',
      });
    }
    await until('the watchtower to step back', () => l.sees().nodes.every(({ height }) => height <= before));
    await l.harvest();
    await l.seeing();
    expect(l.tower().status().frozen).toBe(null);
  });
});
