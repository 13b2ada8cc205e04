/** Every rule by its name. */
import { cleanFirst } from './clean-first.ts';
import { fifo } from './fifo.ts';
import { haircut } from './haircut.ts';
import { lifo } from './lifo.ts';
import { poison } from './poison.ts';
import type { Rule, RuleName } from './rule.ts';
import { taintedFirst } from './tainted-first.ts';

const rules: Readonly<Record<RuleName, Rule>> = {
  poison,
  haircut,
  fifo,
  lifo,
  'tainted-first': taintedFirst,
  'clean-first': cleanFirst,
};

export const ruleOf = (name: RuleName): Rule => rules[name];
