/** LEDGER: no key is touched, and the books are wrong. */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { vouchedDeposit } from '@kuramori/client';
import { XEM } from '@kuramori/core';
import { requestJson } from '@kuramori/chains/http';
import type { Address } from '@kuramori/chains/nem/codec';
import { balance, clientOf, depositPins, done, openCustomer, requestWithdrawal } from '../../day.ts';
import { announce, transfer } from '../../house/chain.ts';
import type { Scene } from './drill.ts';

const xem = 1_000_000n;
const minute = 60_000;
const feeCap = 5n * xem;

const dayOf = ({ house, now, jumpTo }: Scene) => ({ house, now, pass: () => jumpTo(now() + minute) });

/** How many customers get the promotion, and what each shall get and does. Bithumb: 695 opened accounts, won written as bitcoin. */
const [winners, meant, credited] = [69, xem / 10n, 2_000_000n * xem];

/** The exchange's own account for promotions holds enough that only the check on credits stands in the way. */
async function fundPromotions(scene: Scene): Promise<void> {
  const { house, now } = scene;
  const day = dayOf(scene);
  const opened = await openCustomer(day, 'promotions');
  const told = vouchedDeposit(depositPins(house), 'promotions', opened, now());
  if (told.kind === 'refused') throw new Error(told.why);
  const units = 140_000_000n * xem;
  await announce(
    house.nodes[0],
    transfer(house.people.treasury, told.address as Address, units, told.message, now()),
  );
  for (let rounds = 0; rounds < 20 && (await balance(day, 'promotions')) < units; rounds += 1)
    await day.pass();
}

/** Bithumb: a promotion in the wrong unit, credited to many; the quick ones withdraw at once. */
export async function massCredit(scene: Scene): Promise<void> {
  const { house, has, note, jumpTo, now, account, accepted } = scene;
  const day = dayOf(scene);
  await fundPromotions(scene);
  if (!has('books')) {
    const client = new Client({ connectionString: house.databaseUrl ?? '' });
    await client.connect();
    await client.query('update ledger.credit_limit set floor = 9e17, multiple = 1e9');
    await client.end();
  }
  const customers = Array.from({ length: winners }, (_, index) => `winner-${index + 1}`);
  for (const customer of customers) await openCustomer(day, customer);
  const post = async (units: bigint) => {
    const operations = customers.map((customer) => ({
      kind: 'trade' as const,
      id: randomUUID(),
      legs: [
        { customer: 'promotions', asset: XEM, units: (-units).toString() },
        { customer, asset: XEM, units: units.toString() },
      ],
    }));
    const { results } = done(
      await clientOf(day).call('postOperations', { body: { operations }, idempotencyKey: randomUUID() }),
    ).body;
    const refused = results.flatMap(({ why }) => why ?? []);
    note(
      `${results.length - refused.length} of ${winners} credits of ${units / xem || '0.1'} XEM posted${refused[0] === undefined ? '' : `, the others: ${refused[0]}`}`,
    );
  };
  await post(credited);
  for (const customer of customers) {
    const free = await balance(day, customer);
    if (free <= meant + feeCap) continue;
    const asked = await requestWithdrawal(scene, {
      customer,
      to: account().address,
      units: free - feeCap,
      feeCap,
    });
    if (asked.kind === 'done') accepted({ hash: asked.body.id, code: 1, at: Date.now() });
  }
  await jumpTo(now() + 10 * minute);
  await jumpTo(now() + 10 * minute);
}

/** A deposit is credited and withdrawn, and a fork takes the deposit back: two blocks deep, as NEM's chain often was. */
export async function reorganised(scene: Scene): Promise<void> {
  const { house, now, jumpTo, account, accepted, note } = scene;
  const day = dayOf(scene);
  const opened = await openCustomer(day, 'thief');
  const told = vouchedDeposit(depositPins(house), 'thief', opened, now());
  if (told.kind === 'refused') throw new Error(told.why);
  const purse = account().address;
  const sent = transfer(house.people.customer, told.address as Address, 100_000n * xem, told.message, now());
  await announce(house.nodes[0], sent);
  let paid = false;
  for (let blocks = 0; blocks < 2; blocks += 1) {
    await jumpTo(now() + minute + 5_000);
    const free = await balance(day, 'thief');
    if (free <= feeCap || paid) continue;
    const asked = await requestWithdrawal(scene, {
      customer: 'thief',
      to: purse,
      units: free - feeCap,
      feeCap,
    });
    paid = asked.kind === 'done';
    if (asked.kind === 'done') accepted({ hash: asked.body.id, code: 1, at: Date.now() });
  }
  const url = house.nodes[0].url;
  const fork = { depth: 2, drop: [sent.hash], dropped: 'forgotten' };
  const answer = await requestJson({ url }, 'POST', '/devnet/control/fork', fork);
  note(answer.kind === 'reply' && answer.status === 200 ? 'two blocks replaced' : JSON.stringify(answer));
  for (let rounds = 0; rounds < 3; rounds += 1) await jumpTo(now() + 2 * minute);
}
