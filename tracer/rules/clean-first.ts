/** Clean first, which is the lowest intermediate balance rule: what is tainted is never more than the lowest balance since it arrived. */
import { byAmount } from './amounts.ts';

export const cleanFirst = byAmount('clean-first', ({ units: all, taint }, units) => {
  const clean = all - taint;
  return units > clean ? units - clean : 0n;
});
