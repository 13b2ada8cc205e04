/** A small day on Litecoin beside NEM's: own funds, a deposit to the customer's own address, a withdrawal, a sweep. */
import { vouchedDeposit } from '@kuramori/client';
import { formatAmount, LTC, parseAmount } from '@kuramori/core';
import {
  balance,
  bringOwnCoins,
  dayRow,
  depositPins,
  findDeposit,
  openCustomer,
  sweptOnce,
  Unexpected,
  waitFor,
  withdraw,
  type ChainDay,
  type Day,
} from '../day.ts';

const customer = 'customer-1';
const ltc = (text: string) => parseAmount(text, LTC);

/** Nothing where the house has no wallets there. Goes on where an earlier start was cut off. */
export async function litecoinDay(day: Day, step: (text: string) => void): Promise<ChainDay> {
  const { litecoin, deed } = day.house;
  if (!litecoin || !deed.litecoin) return { rows: [], lines: [] };
  const { hot, cold, ports } = deed.litecoin;
  // Fees of sweeps are the house's to bear.
  const send = () => litecoin('sendtoaddress', hot.address, '20');
  await bringOwnCoins(day, LTC, ltc('20'), send);
  const answer = await openCustomer(day, customer, LTC);
  const told = vouchedDeposit(depositPins(day.house), customer, answer, day.now(), LTC);
  if (told.kind === 'refused') throw new Unexpected(`POST /v1/customers: ${told.why}`);
  step('a customer deposits 100 LTC, to an address of their own');
  const transaction = String(await litecoin('sendtoaddress', told.address, '100'));
  const came = await waitFor(day, `deposit ${transaction} to be credited`, () =>
    findDeposit(day, (one) => one.transaction === transaction && one.state === 'credited'),
  );
  const cameAt = new Date().toISOString();
  // Little enough for a new destination, also where most of the wallet was swept a moment ago.
  step('the customer withdraws 0.25 LTC: two other co-signers judge, the same watchtowers countersign');
  const to = String(await litecoin('getnewaddress'));
  const { withdrawal } = await withdraw(day, customer, ltc('0.25'), ltc('0.01'), {
    asset: LTC,
    to,
    memo: '',
  });
  const paidAt = new Date().toISOString();
  const { sweep, hot: left } = await sweptOnce(day, LTC);
  const has = formatAmount(await balance(day, customer, LTC), LTC);
  return {
    rows: [
      dayRow('deposit', came, formatAmount(BigInt(came.units), LTC), cameAt),
      dayRow('withdrawal', withdrawal, '0.25', paidAt),
      dayRow(
        'sweep',
        sweep,
        formatAmount(BigInt(sweep.amount), LTC),
        new Date(sweep.requestedAt).toISOString(),
      ),
    ],
    lines: [
      `balance     ${customer} has ${has} LTC; ${formatAmount(left, LTC)} LTC are hot`,
      `LTC nodes   http://127.0.0.1:${ports.rpc1}   http://127.0.0.1:${ports.rpc2}   (regtest)`,
      `hot 2-of-3  ${hot.address} and every address after it`,
      `cold 2-of-3 ${cold.address}`,
    ],
  };
}
