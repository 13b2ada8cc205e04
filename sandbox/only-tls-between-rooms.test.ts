/**
 * Rooms as if each were on a host of its own: they reach each other by TLS and by nothing else. A withdrawal is paid, strangers
 * and a co-signer's own certificate are refused where they may not ask, and an operator freezes everything.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signerRoutes, watchtowerRoutes } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { openHosts } from '@kuramori/program';
import { hasOpenssl } from '../program/testing/openssl.ts';
import { bringOwnFunds, deposit, withdraw, type Day } from './day.ts';
import { openHouse, type House } from './house/house.ts';
import { servingHouse } from './house/plan.ts';
import { endpointOf, whereOf } from './house/rooms.ts';
import { kuramori } from './testing/command.ts';

const xem = 1_000_000n;
const listening = ['signer-1', 'signer-2', 'watchtower', 'pager'] as const;

describe.skipIf(!hasOpenssl())(
  'a house whose rooms speak TLS (certificates by openssl, Debian: openssl)',
  () => {
    let folder: string;
    let house: House;
    let day: Day;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'kuramori-only-tls-'));
      house = await openHouse(
        { ...servingHouse(join(folder, 'house')), between: 'tls', ephemeral: true },
        { step: () => {} },
      );
      await house.paging;
      day = { house, now: Date.now, pass: () => Promise.resolve() };
      await bringOwnFunds(day, 500_000n * xem);
      await deposit(day, 'alice', 1_000n * xem);
    }, 120_000);

    afterAll(async () => {
      await house?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    });

    const houseFile = () => join(house.plan.folder, 'house.json');
    const configOf = (name: string) => readFileSync(join(house.plan.folder, name, 'config.json'), 'utf8');

    it('names no Unix socket in any configuration, and makes none', () => {
      for (const text of [...[...listening, 'custody'].map(configOf), readFileSync(houseFile(), 'utf8')]) {
        expect(text).toContain('"tls"');
        expect(text).not.toContain('"socket"');
      }
      expect(readdirSync(house.plan.sockets)).toEqual([]);
    });

    it('says in each log until when every certificate counts', () => {
      for (const name of [...listening, 'custody']) {
        const log = readFileSync(join(house.plan.folder, name, 'log.jsonl'), 'utf8');
        expect(log).toMatch(/"event":"certificate","file":"[^"]*\.pem","sha256":"[0-9A-F:]{95}","until":"20/);
      }
    });

    it('pays a withdrawal', async () => {
      const { withdrawal } = await withdraw(day, 'alice', 10n * xem, 2n * xem);
      expect(withdrawal.state).toBe('final');
    }, 60_000);

    it('a co-signer’s own certificate asks nobody: whoever takes its host has its signature, and no door', async () => {
      const identity = house.plan.tls?.identity('signer-1');
      const hosts = openHosts(houseFile(), identity);
      for (const name of ['signer-2', 'watchtower'] as const) {
        const at = hosts.at(endpointOf(house.plan, name) as never, name);
        const answer = await call(
          at,
          name === 'watchtower' ? watchtowerRoutes.status : signerRoutes.status,
          {},
        );
        expect(answer).toMatchObject({
          kind: 'unreachable',
          detail: expect.stringMatching(/hangs up/) as unknown,
        });
      }
      expect(readFileSync(join(house.plan.folder, 'signer-2', 'log.jsonl'), 'utf8')).toMatch(
        /"event":"caller refused","from":"127\.0\.0\.1:\d+","presented":"[0-9A-F:]{95}"/,
      );
    });

    it('an operator sees it by their own certificate, and without one is told what is missing', async () => {
      expect(await kuramori(['thaw', 'status', '--house', houseFile()])).toMatchObject({ code: 0 });
      const { identity: _identity, ...nobody } = JSON.parse(readFileSync(houseFile(), 'utf8')) as Record<
        string,
        unknown
      >;
      const file = join(folder, 'nobody.json');
      writeFileSync(file, JSON.stringify(nobody));
      expect(await kuramori(['thaw', 'status', '--house', file])).toMatchObject({
        code: 1,
        err: expect.stringMatching(/nobody\.json: identity: is needed, since \S+\.at says tls/),
      });
    });

    it('and freezes it with one command', async () => {
      const key = join(house.plan.folder, 'people', 'operator.seed');
      expect(existsSync(key)).toBe(true);
      const stopped = await kuramori(['freeze', '--key', key, '--why', 'a drill', '--house', houseFile()]);
      expect(stopped).toEqual({
        code: 0,
        out: 'watchtower  has frozen\nsigner-1    has frozen\nsigner-2    has frozen\n',
        err: '',
      });
      for (const name of ['signer-1', 'signer-2']) {
        const status = await call(whereOf(house.plan, name), signerRoutes.status, {});
        expect(status).toMatchObject({ kind: 'status', frozen: { freeze: { why: 'a drill' } } });
      }
    });
  },
);
