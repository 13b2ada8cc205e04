/**
 * The console as people use it: Debian's Chromium with an authenticator, the desk as the house starts it (a process of its own
 * under Node's permission flags), a real Postgres, and withdrawals that real signers and a watchtower have let through.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { XEM } from '@kuramori/core';
import { move } from '@kuramori/ledger';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bookOwnFunds } from '../../custody/testing/house.ts';
import { openNeighbourhood, type Neighbourhood } from '../../custody/testing/neighbourhood.ts';
import { drive, finish, withdraw } from '../../custody/testing/withdrawals.ts';
import { tellHouse, tellTreasury } from '../../custody/told.ts';
import { standing } from '../../custody/treasury/standing.ts';
import { freePort } from '../../program/testing/free-port.ts';
import { startDesk } from '../../sandbox/house/desk.ts';
import type { Running } from '../../sandbox/process.ts';
import {
  clumsyOn,
  hasChromium,
  openChromium,
  openSeat,
  picture,
  seriousOn,
  type Seat,
} from './testing/chromium.ts';
import { withDesk } from './testing/desk.ts';

describe.skipIf(!hasChromium())('the console in a browser', () => {
  const many = 1_000;
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-desk-'));
  let n: Neighbourhood;
  let desk: Running;
  let browser: Browser;
  let origin: string;
  let administrator: Seat;
  let paid: string;

  beforeAll(async () => {
    n = await openNeighbourhood();
    for (const [customer, coins] of [
      ['alice', '42000'],
      ['bob', '1250.5'],
      ['carol', '318000'],
    ] as const)
      await n.t.rich(customer, coins);
    await bookOwnFunds(n.t.database.custody, '5000');
    // Most of it lies cold, as it should.
    await move(n.t.database.custody, {
      id: 'to-cold',
      about: 'to-cold',
      asset: XEM,
      units: 350_000_000_000n,
      from: { kind: 'hot', wallet: 'hot-xem' },
      to: { kind: 'cold', wallet: 'cold-xem' },
      fee: 0n,
    });
    paid = await withdraw(n, 'alice', '250', { memo: 'invoice 17' });
    await finish(n, paid);
    const sent = await withdraw(n, 'carol', '1200.25');
    await drive(n, sent, 'sent');
    // As custody does it all the time: who recorded what, and where.
    await n.t.house.journals.read(n.t.house);
    const port = await freePort();
    const databaseUrlFile = join(folder, 'database-url');
    writeFileSync(databaseUrlFile, await withDesk(n.t.database.adminUrl), { mode: 0o600 });
    [desk, browser] = await Promise.all([
      startDesk({ folder: join(folder, 'desk'), port, databaseUrlFile }),
      openChromium(),
    ]);
    origin = String(desk.ready['url']);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await desk?.stop();
    await n?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  // Else it would be silent by now.
  beforeEach(() => tell());

  // What it looked like when it went wrong.
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await picture(administrator.page, `failed-${task.id}`);
  });

  /** As custody's process does it all the time. */
  async function tell(): Promise<void> {
    const { house } = n.t;
    const height = n.nodes[0].core.chain.last().block.height;
    const states = () =>
      new Map([['nem', { height, target: height, stopped: null, complaints: [] }] as const]);
    await tellHouse(house, { states, [Symbol.asyncDispose]: async () => {} });
    await tellTreasury(house, await standing(house));
    // The cold coins of this house are in its books alone, so no tower that compares would find them.
    await n.t.database.admin.query(
      `update custody.told set body = jsonb_set(body, '{watchtowers,0,books,chains}', $1) where what = 'house'`,
      [JSON.stringify([{ chain: 'nem', compared: height }])],
    );
  }

  const figure = ({ page }: Seat, name: string) => page.locator(`[data-figure="${name}"]`).first();

  test('the first administrator comes in by the code, once; and again by the passkey', async () => {
    administrator = await openSeat(browser, origin, 'desktop');
    const { page } = administrator;
    await page.goto('/');
    expect(await seriousOn(administrator)).toEqual([]);
    await picture(page, 'door-desktop');
    await page.getByRole('button', { name: 'I have a code' }).click();
    await page.getByLabel('One-time code').fill(String(desk.ready['code']));
    await page.getByRole('button', { name: 'Register a passkey' }).click();
    await page.getByRole('heading', { name: 'Everything is running' }).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('button', { name: 'Log in with a passkey' }).click();
    await page.getByRole('heading', { name: 'Everything is running' }).waitFor();
    const stranger = await openSeat(browser, origin, 'desktop');
    await stranger.page.goto('/');
    await stranger.page.getByRole('button', { name: 'I have a code' }).click();
    await stranger.page.getByLabel('One-time code').fill(String(desk.ready['code']));
    await stranger.page.getByRole('button', { name: 'Register a passkey' }).click();
    await expect.poll(() => stranger.page.getByRole('alert').textContent()).toContain('is none, or was used');
    await stranger.context.close();
  });

  test('the overview is live: a figure changes when a withdrawal is asked for', async () => {
    const { page } = administrator;
    expect(await figure(administrator, 'waiting').textContent()).toBe('1');
    expect(await figure(administrator, 'claims').textContent()).toBe('361,000.1XEM');
    await withdraw(n, 'bob', '17.5');
    await expect.poll(() => figure(administrator, 'waiting').textContent()).toBe('2');
    expect(await page.getByText('Alive').count()).toBe(1 + 2);
    expect(await seriousOn(administrator)).toEqual([]);
    await picture(page, 'overview-desktop');
  });

  test('what is read aloud is a change of state, and not each second; and the line is not green while the books differ', async () => {
    const { page } = administrator;
    const heard = page.evaluate(async () => {
      const changes = { aloud: 0, times: 0 };
      const watch = (where: string, what: 'aloud' | 'times') => {
        const all = { subtree: true, childList: true, characterData: true };
        for (const at of document.querySelectorAll(where))
          new MutationObserver((seen) => (changes[what] += seen.length)).observe(at, all);
      };
      watch('[role="status"]', 'aloud');
      watch('.live', 'times');
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      return changes;
    });
    expect(await heard).toEqual({ aloud: 0, times: expect.any(Number) as number });
    expect((await heard).times).toBeGreaterThan(0);
    await n.t.database.admin.query(
      `update custody.told set body = jsonb_set(body, '{watchtowers,0,books,findings}', $1) where what = 'house'`,
      [JSON.stringify(['books and chain apart: {"asset":"nem:xem"}'])],
    );
    await page.getByRole('status').getByRole('heading', { name: 'XEM: books and chain DIFFER' }).waitFor();
    expect(await page.getByRole('heading', { name: 'Everything is running' }).count()).toBe(0);
    await picture(page, 'overview-differs');
  });

  test('a withdrawal is found, and followed to its signatures; and who looked is written down', async () => {
    const { page } = administrator;
    await page.getByRole('link', { name: 'Withdrawals' }).click();
    await page.getByText('17.5').waitFor();
    expect(await seriousOn(administrator)).toEqual([]);
    await picture(page, 'withdrawals-desktop');
    await page.getByRole('searchbox').fill(paid.slice(0, 12));
    await expect.poll(() => page.getByRole('link', { name: /bob|carol/ }).count()).toBe(0);
    await page.getByRole('link', { name: 'alice' }).click();
    await page.getByText('invoice 17').waitFor();
    for (const word of ['signer-1', 'signer-2', 'Countersigned', 'Final', 'journal entry'])
      expect(await page.getByText(word).count(), word).toBeGreaterThan(0);
    expect(await seriousOn(administrator)).toEqual([]);
    await picture(page, 'withdrawal-desktop');
    const { rows } = await n.t.database.admin.query(
      'select v.what, v.about, s.customers from desk.viewing v join desk.shown s on s.viewing = v.number order by number desc limit 1',
    );
    expect(rows).toEqual([{ what: 'withdrawal', about: { id: paid }, customers: ['alice'] }]);
  });

  test('a long list is scrolled to its end without a dropped row, and no page of it is drawn that nobody sees', async () => {
    const { page } = administrator;
    // As many as a busy morning brings, all of one shape: here only their number matters.
    await n.t.database.admin.query(
      "insert into custody.customer (id, at) select 'many-' || i, 0 from generate_series(1, $1::int) i",
      [many],
    );
    await n.t.database.admin.query(
      `insert into custody.withdrawal (id, reason, customer, wallet, asset, amount, fee_cap, request, requested_at, expiry, state)
         select encode(sha256(i::text::bytea), 'hex'), reason, 'many-' || i, wallet, asset, i, fee_cap, request, requested_at,
             expiry, 'final'
           from custody.withdrawal, generate_series(1, $2::int) i where id = $1 order by i`,
      [paid, many],
    );
    await page.getByRole('link', { name: 'All withdrawals' }).click();
    await page.getByText(`many-${many}`, { exact: true }).waitFor();
    const seen = await page.evaluate(async () => {
      const scroll = document.querySelector('.scroll');
      const [rows, most] = [new Map<string, string>(), { drawn: 0 }];
      // Until nothing is new for half a second.
      for (let still = 0; scroll && still < 30; still += 1) {
        const drawn = [...document.querySelectorAll('.list .row')];
        most.drawn = Math.max(most.drawn, drawn.length);
        for (const row of drawn) {
          const index = row.getAttribute('aria-rowindex') ?? '';
          if (!rows.has(index)) still = 0;
          rows.set(index, row.querySelector('.who')?.textContent ?? '');
        }
        scroll.scrollTop += scroll.clientHeight * 0.9;
        await new Promise(requestAnimationFrame);
      }
      return { rows: [...rows], drawn: most.drawn };
    });
    const expected = [
      ...Array.from({ length: many }, (_, at) => `many-${many - at}`),
      'bob',
      'carol',
      'alice',
    ];
    expect(seen.rows.map(([, who]) => who)).toEqual(expected);
    expect(seen.rows.map(([index]) => Number(index))).toEqual(expected.map((_, at) => at + 2));
    expect(seen.drawn).toBeLessThan(60);
    await n.t.database.admin.query("delete from custody.withdrawal where customer like 'many-%'");
  });

  test('a viewer is invited, sees the house and no customer, also not past the menu', async () => {
    const { page } = administrator;
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByLabel('Name').fill('Hanako');
    await page.getByRole('button', { name: 'Invite' }).click();
    const code = (await page.locator('[data-code]').textContent()) ?? '';
    expect(await seriousOn(administrator)).toEqual([]);
    await picture(page, 'people-desktop');
    const viewer = await openSeat(browser, origin, 'phone');
    await viewer.page.goto('/');
    await viewer.page.getByRole('button', { name: 'I have a code' }).click();
    await viewer.page.getByLabel('One-time code').fill(code);
    await viewer.page.getByRole('button', { name: 'Register a passkey' }).click();
    await viewer.page.getByRole('heading', { name: 'Everything is running' }).waitFor();
    expect(await viewer.page.getByRole('link', { name: 'Withdrawals' }).count()).toBe(0);
    const status = await viewer.page.evaluate(async () => (await fetch('/api/withdrawals')).status);
    expect(status).toBe(403);
    await viewer.context.close();
  });

  test('on a phone an auditor reads whose data was looked at; and who is no auditor any more is told so', async () => {
    const { page } = administrator;
    const become = (role: string) =>
      n.t.database.admin.query('update desk.person set role = $1 where administrator', [role]);
    await become('auditor');
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto('/viewings');
    await page.getByText(paid, { exact: true }).first().waitFor();
    expect(await page.getByText('a withdrawal · alice').count()).toBeGreaterThan(0);
    const list = page.getByText('a list of withdrawals · 3 customers').first();
    await list.click();
    await page.getByText('alice, bob, carol').first().waitFor();
    expect(await clumsyOn(page)).toEqual([]);
    expect(await seriousOn(administrator)).toEqual([]);
    await picture(page, 'viewings-phone');
    await become('operator');
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByRole('alert').getByText('may not open viewings').waitFor();
    await page.goto('/');
  });

  test('a phone, in Japanese, by night: nothing sideways, nothing too small for a thumb', async () => {
    const { page } = administrator;
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole('button', { name: '日本語' }).click();
    await page.getByRole('link', { name: '概況' }).click();
    await page.getByText('すべて稼働しています').waitFor();
    expect(await clumsyOn(page)).toEqual([]);
    await picture(page, 'overview-phone-ja');
    await page.getByRole('button', { name: '暗い配色' }).click();
    expect(await seriousOn(administrator)).toEqual([]);
    await picture(page, 'overview-phone-ja-dark');
    await page.getByRole('link', { name: '出金', exact: true }).click();
    await page.getByText('1,200').waitFor();
    expect(await clumsyOn(page)).toEqual([]);
    expect(await seriousOn(administrator)).toEqual([]);
    await picture(page, 'withdrawals-phone-ja-dark');
    await page.getByRole('link', { name: 'alice' }).click();
    await page.getByText('invoice 17').waitFor();
    expect(await clumsyOn(page)).toEqual([]);
    await picture(page, 'withdrawal-phone-ja-dark');
    await page.setViewportSize({ width: 1280, height: 860 });
    await page.getByRole('link', { name: '概況' }).click();
    await page.getByText('すべて稼働しています').waitFor();
    await picture(page, 'overview-desktop-ja-dark');
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('button', { name: 'Light' }).click();
  });

  test('when custody falls silent, and when the desk dies, nobody takes old figures for new ones', async () => {
    const { page, complaints } = administrator;
    await n.t.database.admin.query("update custody.told set at = at - interval '1 hour'");
    await page.getByText('Custody is not heard').waitFor();
    expect(await page.getByText('Silent').count()).toBe(1 + 2);
    await desk.kill();
    await page.getByRole('heading', { name: 'Connection lost' }).waitFor();
    expect(await page.locator('.stale').count()).toBe(1);
    await picture(page, 'overview-stale');
    expect(complaints).toEqual([]);
  });
});
