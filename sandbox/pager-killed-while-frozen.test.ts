/** The whole house, in its own processes: it is frozen, three watchtowers tell it, one page is opened and answered by a command; a killed pager goes on. */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pagerRoutes } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import { until } from './house/chain.ts';
import { openHouse, type House } from './house/house.ts';
import { servingHouse } from './house/plan.ts';
import { whereOf } from './house/rooms.ts';
import { kuramori } from './testing/command.ts';

let folder: string;
let house: House;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kuramori-paged-'));
  chmodSync(folder, 0o711);
  house = await openHouse(
    { ...servingHouse(join(folder, 'house')), towers: 3, ephemeral: true },
    { step: () => {} },
  );
  await house.paging;
}, 120_000);
afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const houseFile = () => join(house.plan.folder, 'house.json');
const page = async (...args: readonly string[]) => kuramori(['page', ...args, '--house', houseFile()]);
const pages = async () => {
  const answer = await call(whereOf(house.plan, 'pager'), pagerRoutes.pages, { all: false });
  // On a machine that is slow enough others come too, as that the books are silent.
  return answer.kind === 'pages' ? answer.pages.filter(({ topic }) => topic === 'alarm: frozen') : [];
};
/** Each command is a process of its own. */
const patience = 90_000;

describe('a house that is frozen', () => {
  it(
    'is no alarm before',
    async () => {
      expect(await page('list')).toMatchObject({ code: 0, err: '' });
      expect(await pages()).toEqual([]);
      expect((await page('review')).out).toMatch(/^no review is due; the next one is at 20/);
    },
    patience,
  );

  it(
    'pages once, whichever of three watchtowers told it first, in the pager’s own log',
    async () => {
      const key = join(house.plan.folder, 'people', 'operator.seed');
      await kuramori(['freeze', '--key', key, '--why', 'a drill', '--house', houseFile()]);
      await until('all three to have told it', async () =>
        (await pages())[0]?.sources.length === 3 ? true : undefined,
      );
      expect(await pages()).toMatchObject([{ topic: 'alarm: frozen', state: 'open' }]);
      await until('the call', () => {
        const log = readFileSync(join(house.plan.folder, 'pager', 'log.jsonl'), 'utf8');
        return Promise.resolve(log.includes('"event":"page"') ? true : undefined);
      });
    },
    patience,
  );

  it(
    'is answered by a command, by somebody who is known, once',
    async () => {
      const [open] = await pages();
      const id = open?.id ?? '';
      expect((await page('ack', id)).err).toMatch(/ack takes the id of one page, and --as who you are/);
      expect((await page('ack', id, '--as', 'thief')).err).toMatch(/unknown-person/);
      expect(await page('ack', id, '--as', 'operator')).toEqual({
        code: 0,
        out: `${id} is answered by operator\n`,
        err: '',
      });
      expect((await pages())[0]?.state).toBe('acknowledged');
      expect((await page('list')).out).toMatch(/acknowledged by operator/);
      expect((await page('review', '--done', '0'.repeat(64), '--as', 'operator')).err).toMatch(/no-review/);
    },
    patience,
  );

  it(
    'goes on from its journal after a SIGKILL: the page is still answered',
    async () => {
      await house.kill('pager');
      expect(await pages()).toEqual([]);
      await house.restart('pager');
      expect((await pages())[0]?.state).toBe('acknowledged');
      expect(await call(whereOf(house.plan, 'pager'), pagerRoutes.status, {})).toMatchObject({
        unwritten: 0,
        onCall: 'operator',
      });
    },
    patience,
  );
});
