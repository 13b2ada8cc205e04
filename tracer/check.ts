/** Check: an export held against itself. First by plain addition of its own steps, which needs no trust in any rule; then by tracing again. */
import { applyAll } from './apply.ts';
import { caseOf } from './case.ts';
import { dataHash, Exported, exportOf, movementOf, sealOf } from './export.ts';
import { ruleOf } from './rules/of.ts';
import { openState } from './state.ts';

/** What does not hold, each with its field. Empty: all of it does. */
export function checkExport(json: unknown): readonly string[] {
  const read = Exported.safeParse(json);
  if (!read.success) return read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  const given = read.data;
  const wrong = [...added(given)];
  const hash = dataHash(given);
  if (hash !== given.data) wrong.push(`data: says ${given.data}, and what was traced hashes to ${hash}`);
  if (sealOf(given) !== given.seal) wrong.push('seal: is not of this document: something in it was changed');
  return wrong.length > 0 ? wrong : traced(given);
}

const key = (account: string, asset: string) => `${account} ${asset}`;

/** By addition alone. */
function* added({ movements, places, sums, rule }: Exported): Generator<string> {
  const [arrived, left] = [new Map<string, bigint>(), new Map<string, bigint>()];
  const [given, got] = [new Map<string, bigint>(), new Map<string, bigint>()];
  const add = (to: Map<string, bigint>, at: string, units: bigint) => to.set(at, (to.get(at) ?? 0n) + units);
  for (const [at, step] of movements.entries()) {
    const [units, out, into] = [BigInt(step.units), BigInt(step.left), BigInt(step.arrived)];
    if (out > units) yield `movements.${at}.left: is more than its units`;
    if (into > units) yield `movements.${at}.arrived: is more than its units`;
    add(left, key(step.from, step.asset), out);
    add(arrived, key(step.to, step.asset), into);
    if (out > into) add(given, step.asset, out - into);
    if (into > out) add(got, step.asset, into - out);
  }
  const [stolen, risen] = [new Map<string, bigint>(), new Map<string, bigint>()];
  const [held, ended] = [new Map<string, bigint>(), new Map<string, bigint>()];
  const listed = new Set<string>();
  for (const [at, place] of places.entries()) {
    const name = key(place.account, place.asset);
    if (listed.has(name)) yield `places.${at}: ${name} is there twice`;
    listed.add(name);
    yield* differs(`places.${at}.received`, place.received, arrived.get(name));
    yield* differs(`places.${at}.passed`, place.passed, left.get(name));
    const ends = place.kind === 'service' || place.kind === 'presumed';
    const lies = ends ? 0n : BigInt(place.received) + BigInt(place.added) - BigInt(place.passed);
    yield* differs(`places.${at}.held`, place.held, lies);
    add(place.kind === 'source' ? stolen : risen, place.asset, BigInt(place.added));
    add(held, place.asset, BigInt(place.held));
    if (ends) add(ended, place.asset, BigInt(place.received));
  }
  for (const [name, units] of [...arrived, ...left])
    if (units > 0n && !listed.has(name)) yield `places: ${name} is missing`;
  for (const [at, sum] of sums.entries()) {
    yield* differs(`sums.${at}.givenByExchange`, sum.givenByExchange, given.get(sum.asset));
    yield* differs(`sums.${at}.gotByExchange`, sum.gotByExchange, got.get(sum.asset));
    yield* differs(`sums.${at}.held`, sum.held, held.get(sum.asset));
    yield* differs(`sums.${at}.ended`, sum.ended, ended.get(sum.asset));
    // What poison makes is no rise of a price, and is in no sum.
    if (rule === 'poison') continue;
    yield* differs(`sums.${at}.stolen`, sum.stolen, stolen.get(sum.asset));
    yield* differs(`sums.${at}.risen`, sum.risen, risen.get(sum.asset));
  }
}

function* differs(field: string, says: string, is: bigint | undefined): Generator<string> {
  if (BigInt(says) !== (is ?? 0n)) yield `${field}: says ${says}, and adds up to ${is ?? 0n}`;
}

/** By the rule, from what was given. */
function traced(given: Exported): readonly string[] {
  const setting = { ...given.setting, risePercent: BigInt(given.setting.risePercent) };
  const movements = given.movements.map((step) => ({ ...movementOf(step), units: BigInt(step.units) }));
  const of = caseOf({ ...given, movements, tags: given.services });
  return unlike(given, exportOf(applyAll(openState(of, ruleOf(given.rule), setting))), '').slice(0, 100);
}

function unlike(given: unknown, again: unknown, path: string): readonly string[] {
  if (given === again) return [];
  if (typeof given === 'object' && typeof again === 'object' && given !== null && again !== null) {
    const names = new Set([...Object.keys(given), ...Object.keys(again)]);
    return [...names].flatMap((name) =>
      unlike(
        (given as Record<string, unknown>)[name],
        (again as Record<string, unknown>)[name],
        path === '' ? name : `${path}.${name}`,
      ),
    );
  }
  return [`${path}: says ${String(given)}, and traced again is ${String(again)}`];
}
