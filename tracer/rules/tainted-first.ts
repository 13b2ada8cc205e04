/** Tainted first: whoever holds stolen money spends it before their own. */
import { byAmount } from './amounts.ts';

export const taintedFirst = byAmount('tainted-first', ({ taint }, units) => (taint < units ? taint : units));
