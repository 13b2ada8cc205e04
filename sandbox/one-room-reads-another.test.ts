/** Where root starts the house each room has a Unix user of its own: none reads another's folder, traces it, or reaches a socket that is not for it. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHouse, type House } from './house/house.ts';
import { servingHouse } from './house/plan.ts';
import { usersFor } from './house/users.ts';
import { socketOf } from './house/rooms.ts';

const folder = mkdtempSync(join(tmpdir(), 'kuramori-users-'));
chmodSync(folder, 0o711);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Tries, as another user, what takes native code too: ptrace(PTRACE_SEIZE). Prints which tries succeeded. */
const thief = `
  import { readdirSync, readFileSync, openSync, writeFileSync } from 'node:fs';
  import { connect } from 'node:net';
  import { dlopen } from 'node:ffi';
  const { folder, files, pid, sockets } = JSON.parse(process.argv[1]);
  const { ptrace } = dlopen(null, { ptrace: { arguments: ['int32', 'int32', 'uint64', 'uint64'], return: 'int32' } }).functions;
  const done = [];
  const attempt = (what, how) => { try { if (how() !== false) done.push(what); } catch {} };
  attempt('list', () => readdirSync(folder));
  for (const file of files) attempt('read ' + file, () => readFileSync(folder + '/' + file));
  attempt('write', () => writeFileSync(folder + '/planted', ''));
  attempt('memory', () => openSync('/proc/' + pid + '/mem', 'r'));
  attempt('environment', () => readFileSync('/proc/' + pid + '/environ'));
  attempt('trace', () => ptrace(0x4206, pid, 0n, 0n) === 0);
  attempt('kill', () => process.kill(pid, 0));
  for (const [name, path] of sockets)
    await new Promise((resolve) => {
      const socket = connect(path);
      socket.on('connect', () => { done.push('call ' + name); socket.destroy(); resolve(); });
      socket.on('error', resolve);
    });
  console.log(JSON.stringify(done));
`;

const rooms = ['custody', 'watchtower', 'pager', 'node1', 'node2', 'signer-1', 'signer-2'] as const;
const served = ['signer-1', 'signer-2', 'watchtower', 'pager'] as const;
/** Whom each room may call, and its own socket. */
const calls: Readonly<Record<string, readonly string[]>> = {
  // Who asks is one group: on one machine the pager could ask a signer how it is, too. It has no key to say more.
  custody: ['call signer-1', 'call signer-2', 'call watchtower', 'call pager'],
  watchtower: ['call signer-1', 'call signer-2', 'call watchtower', 'call pager'],
  pager: ['call signer-1', 'call signer-2', 'call watchtower', 'call pager'],
  'signer-1': ['call signer-1'],
  'signer-2': ['call signer-2'],
};

const users = usersFor(folder);

describe.skipIf(users === null)(
  'rooms of a house that root starts (where others may pass its folders)',
  () => {
    let house: House;
    beforeAll(async () => {
      // Not ephemeral: only then its cold keys lie in folders of their own.
      house = await openHouse(servingHouse(join(folder, 'house')), { step: () => {} });
      await house.paging;
    }, 120_000);
    afterAll(() => house?.[Symbol.asyncDispose]());

    function steal(as: { uid: number; gid: number } | undefined, target: string): readonly string[] {
      const of = join(house.plan.folder, target);
      const files = readdirSync(of).filter((name) => statSync(join(of, name)).isFile());
      expect(files.length).toBeGreaterThan(1);
      const asked = {
        folder: of,
        files,
        pid: house.running.get(target)?.pid,
        sockets: served.map((name) => [name, socketOf(house.plan, name)]),
      };
      const { stdout, stderr } = spawnSync(
        process.execPath,
        ['--input-type=module', '--eval', thief, JSON.stringify(asked)],
        { ...as, cwd: '/', env: { NODE_NO_WARNINGS: '1' }, encoding: 'utf8' },
      );
      if (stdout === '') throw new Error(stderr);
      return JSON.parse(stdout) as string[];
    }

    it('each has a user of its own', () => {
      const real = rooms.map((name) => statSync(`/proc/${house.running.get(name)?.pid}`).uid);
      expect(real).toEqual(rooms.map((name) => users?.(name).uid));
      expect(new Set(real).size).toBe(rooms.length);
      expect(real).not.toContain(0);
    });

    it.each(rooms)('%s does nothing to the others, and calls only whom it must', (thiefsRoom) => {
      for (const target of rooms) {
        if (target === thiefsRoom) continue;
        expect(steal(users?.(thiefsRoom), target), `${thiefsRoom} at ${target}`).toEqual(
          calls[thiefsRoom] ?? [],
        );
      }
    });

    it('root does all of it, so the tries are real; each reads its own folder, and not its own memory where it holds a key', () => {
      const everything = steal(undefined, 'signer-1');
      expect(everything).toEqual(
        expect.arrayContaining([
          'list',
          'read keystore.json',
          'write',
          'memory',
          'environment',
          'trace',
          'kill',
        ]),
      );
      const own = steal(users?.('signer-1'), 'signer-1');
      expect(own).toEqual(expect.arrayContaining(['list', 'read keystore.json', 'kill']));
      expect(own).not.toContain('memory');
      expect(own).not.toContain('trace');
      // A devnet's node holds no key, so its memory is open to its own user: the try itself works.
      expect(steal(users?.('node1'), 'node1')).toEqual(expect.arrayContaining(['memory', 'trace']));
    });

    it('the people’s keys, Postgres and the vaults’ keystores are closed to all of them', () => {
      const closed = [
        'people/keeper.seed',
        'cold-1/keystore.json',
        'vault/keystore.json',
        'postgres/password',
      ];
      for (const file of closed) {
        const path = join(house.plan.folder, file);
        const reads = (as: object) => spawnSync('cat', [path], as).status === 0;
        expect(reads({}), file).toBe(true);
        for (const name of rooms) expect(reads({ ...users?.(name) }), `${name}: ${file}`).toBe(false);
      }
    });
  },
);
