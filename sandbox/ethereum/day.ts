/** A small day on Ethereum beside the others': a deposit to the customer's own address, sent on to the Safe, a withdrawal, a sweep. */
import { vouchedDeposit } from '@kuramori/client';
import { checksummed } from '@kuramori/chains/ethereum/codec';
import { ETH, formatAmount, parseAmount } from '@kuramori/core';
import {
  balance,
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
import { ethereumUrls, outsider, sendAs } from './node.ts';

const customer = 'customer-1';
const ether = (text: string) => parseAmount(text, ETH);

/** Nothing where the house has no wallets there. Goes on where an earlier start was cut off. */
export async function ethereumDay(day: Day, step: (text: string) => void): Promise<ChainDay> {
  const { ethereum, deed } = day.house;
  if (!ethereum || !deed.ethereum) return { rows: [], lines: [] };
  const { hot, cold } = deed.ethereum;
  const answer = await openCustomer(day, customer, ETH);
  const told = vouchedDeposit(depositPins(day.house), customer, answer, day.now(), ETH);
  if (told.kind === 'refused') throw new Unexpected(`POST /v1/customers: ${told.why}`);
  step('a customer deposits 10 ETH, to an address of their own that no key belongs to');
  const { transaction } = await sendAs(ethereum, told.address, '0x', ether('10'));
  const came = await waitFor(day, `deposit ${transaction} to be credited`, () =>
    findDeposit(day, (one) => `0x${one.transaction}` === transaction && one.state === 'credited'),
  );
  const cameAt = new Date().toISOString();
  // Little enough for a new destination, also where most of the Safe was swept a moment ago.
  step('the relayer sends it on to the Safe; the customer withdraws 0.01 ETH');
  const { withdrawal } = await withdraw(day, customer, ether('0.01'), 0n, {
    asset: ETH,
    to: checksummed((await outsider(ethereum)).slice(2)),
    memo: '',
  });
  const paidAt = new Date().toISOString();
  const { sweep, hot: left } = await sweptOnce(day, ETH);
  const has = formatAmount(await balance(day, customer, ETH), ETH);
  const [first, second] = ethereumUrls(deed.ethereum);
  return {
    rows: [
      dayRow('deposit', came, formatAmount(BigInt(came.units), ETH), cameAt),
      dayRow('withdrawal', { ...withdrawal, transaction: withdrawal.chainHash }, '0.01', paidAt),
      dayRow(
        'sweep',
        sweep,
        formatAmount(BigInt(sweep.amount), ETH),
        new Date(sweep.requestedAt).toISOString(),
      ),
    ],
    lines: [
      `balance     ${customer} has ${has} ETH; ${formatAmount(left, ETH)} ETH are hot`,
      `ETH node    ${first}   ${second}   (anvil, by two doors)`,
      `hot Safe    ${hot}, and an address for each customer`,
      `cold Safe   ${cold}`,
    ],
  };
}
