/** Judging an evacuation: coins may always go home, and nowhere else. */
import { bytesDigest } from './canonical.ts';
import { refuse, ruleFor, sum, type Case, type Refused } from './case.ts';
import { freezeOf, type Evidence } from './freeze.ts';
import type { EvacuationAsk } from './journal.ts';
import { judgeOutputs, judgeTime } from './judge-spend.ts';
import { verifyStatement } from './key.ts';
import type { Rule, Wallet } from './policy.ts';
import type { Spend } from './spend.ts';
import { mostAhead, treasuryId } from './treasury.ts';

/** Coins may always go home: frozen, to the pinned cold address, on evidence that a key of ours signs what no record covers. */
export function judgeEvacuation(
  given: Case,
  ask: EvacuationAsk,
  wallet: Wallet,
  spend: Spend,
): Refused | undefined {
  const { policy, history, witnessed } = given;
  const { intent } = ask;
  if (!freezeOf(history.freezes, intent.asset)) return refuse('not-frozen', 'an evacuation follows a freeze');
  const rule = ruleFor(policy, wallet.id, intent.asset);
  if (!rule) return refuse('no-rule', `no rule allows ${intent.asset} from ${wallet.id}`);
  const home = policy.wallets.find(({ id }) => id === wallet.evacuateTo);
  if (intent.destination.address !== home?.address || intent.destination.memo !== '') {
    return refuse(
      'destination-not-pinned',
      `${intent.destination.address} is not the cold address of ${wallet.id}`,
    );
  }
  if (
    intent.reason !== 'evacuation' ||
    intent.wallet !== wallet.id ||
    intent.id !== treasuryId('evacuation', wallet.id, ask.number)
  ) {
    return refuse('intent-altered', 'the id is not that of this wallet and number');
  }
  const last = history.evacuations.get(wallet.id) ?? 0;
  if (ask.number <= last) return refuse('number-used', `${ask.number} is not above ${last}`);
  if (ask.number > last + mostAhead) return refuse('number-far-ahead', `${ask.number} after ${last}`);
  const most = mostFees(rule, spend, given.races);
  if (spend.fees > most || spend.fees > intent.feeCap)
    return refuse('fee-over-cap', `fees of ${spend.fees}, and at most ${most} may be paid`);
  return (
    judgeTime(intent, spend, witnessed.at) ??
    judgeOutputs([intent], spend) ??
    first([ask.evidence, ...(ask.beside ?? [])], (one) => judgeEvidence(given, ask.wallet, one))
  );
}

/**
 * What may be paid so that coins go home. More than the rule's cap only against a theft that is wholly signed: whoever has too few
 * keys to steal has too few to have our coins burnt.
 */
function mostFees({ feeCap, outbid }: Rule, { fees, outputs }: Spend, races: boolean): bigint {
  if (!races || !outbid) return feeCap;
  const held = fees + sum(outputs.map(({ units }) => units));
  const share = (held * BigInt(outbid.shareBps)) / 10_000n;
  return share > feeCap ? share : feeCap;
}

function first<T>(all: readonly T[], judged: (one: T) => Refused | undefined): Refused | undefined {
  for (const one of all) {
    const refused = judged(one);
    if (refused) return refused;
  }
  return undefined;
}

function judgeEvidence(given: Case, wallet: string, evidence: Evidence): Refused | undefined {
  const { policy, history } = given;
  if (!given.evidenceSigned)
    return refuse('evidence-signature', `${evidence.signer} did not sign these bytes`);
  const bytes = bytesDigest(evidence.bytes);
  if (given.evidenceCovered) return refuse('evidence-is-covered', 'a record of ours covers these bytes');
  const stating = evidence.statements.filter(
    ({ statement, watchtower, signature }) =>
      policy.watchtowers.keys.includes(watchtower) &&
      statement.wallet === wallet &&
      statement.bytes === bytes &&
      // It names every journal, so the watchtower looked at each; and this one no further than it goes.
      policy.signers.every(({ id }) => statement.heads.some(({ signer }) => signer === id)) &&
      statement.heads.every(({ signer, seq }) => signer !== given.signer || seq <= history.seq) &&
      verifyStatement(watchtower, 'uncovered', statement, signature),
  );
  if (new Set(stating.map(({ watchtower }) => watchtower)).size < policy.watchtowers.quorum) {
    return refuse('evidence-below-quorum', 'too few watchtowers state that no record covers these bytes');
  }
  return undefined;
}
