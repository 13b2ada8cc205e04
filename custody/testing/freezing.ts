/** Freezes and thaws for tests: an operator's word to one signer, which passes it on, and the keeper's to the watchtower. */
import { call } from '@kuramori/chains/http';
import {
  freezeDigest,
  generateSigningKey,
  policyDigest,
  signerRoutes,
  signStatement,
  type Policy,
  type SignedFreeze,
} from '@kuramori/core';
import { addPerson } from '@kuramori/ledger';
import type { Pool } from 'pg';
import type { House } from '../house.ts';
import { openBoard } from '../services/board.ts';
import { confirmReopening, openStops } from '../services/row.ts';
import { usualRunbook, type Runbook } from '../services/runbook.ts';
import { serviceRounds } from '../services.ts';
import { openNeighbourhood, until, type Neighbourhood } from './neighbourhood.ts';

const [operator, keeper] = [generateSigningKey(), generateSigningKey()];

/** A policy by which they may. */
export function withFreezers(usual: Policy): Policy {
  return {
    ...usual,
    operators: [{ name: 'operator', key: operator.publicKey }],
    keepers: { quorum: 1, people: [{ name: 'keeper', key: keeper.publicKey }] },
  };
}

export function operatorsFreeze(at: number, why: string): SignedFreeze {
  const freeze = { by: operator.publicKey, at, why };
  return { freeze, signature: signStatement(operator, 'freeze', freeze) };
}

/** Tells one signer, and waits until the watchtower has it from there. */
export async function freezeAll(n: Neighbourhood, why = 'a test'): Promise<void> {
  const [first] = n.t.house.signers.values();
  if (!first) throw new Error('no signer');
  await call(first, signerRoutes.freeze, operatorsFreeze(n.t.clock.ms, why));
  await until('the watchtower to hear of it', async () => n.tower.status().frozen !== null);
}

/** What stands is lifted, at once; waits until every signer says so. */
export async function thaw(n: Neighbourhood): Promise<void> {
  const lifted = {
    lifts: n.tower.status().freezes.map(freezeDigest),
    suspends: [],
    policy: policyDigest(n.t.house.policy),
    notBefore: 0,
    cause: 'a test had frozen the house on purpose',
    answers: {
      'key-replaced': 'none',
      'evidence-explained': 'none',
      'rooms-rebuilt': 'none',
      'people-told': 'none',
      'who-decided': 'the test',
    },
  };
  const signature = signStatement(keeper, 'thaw', lifted);
  n.tower.thaw({ thaw: lifted, signatures: [{ keeper: keeper.publicKey, signature }] });
  await until('everybody to be thawed', async () => {
    if (n.tower.status().frozen !== null) return false;
    const all = await Promise.all(n.t.house.signers.values().map((at) => call(at, signerRoutes.status, {})));
    return all.every((one) => one.kind === 'status' && one.frozen === null);
  });
}

/** Two people with logins of their own, as the test database knows them. */
export async function addPeople(admin: Pool): Promise<void> {
  for (const name of ['ann', 'ben']) await addPerson(admin, name, 'person-for-tests');
}

/** The usual runbook, whose stages wait for nothing but people. */
export const quickRunbook: Runbook = {
  ...usualRunbook,
  usual: {
    ...usualRunbook.usual,
    reopen: usualRunbook.usual.reopen.map((stage) => ({ ...stage, minutes: 0 })),
  },
};

/** What a house is given whose services are really tended. */
export function withServices(): Pick<House, 'runbook' | 'board'> {
  return { runbook: quickRunbook, board: openBoard(['nem:xem'], () => performance.now()) };
}

/** A neighbourhood whose services are tended by each call of `round`, and two people who may reopen them. */
export async function openTended(): Promise<{ n: Neighbourhood; round: () => Promise<boolean> }> {
  const n = await openNeighbourhood({ policy: withFreezers, house: withServices });
  await addPeople(n.t.database.admin);
  return { n, round: serviceRounds(n.t.house) };
}

/** As if nobody had said for three seconds that it is frozen: so long custody leaves another one to see that it is (0006-services.sql). */
export async function secondsLater(n: Neighbourhood): Promise<void> {
  const { rowCount } = await n.t.database.admin.query(
    "update custody.stop set frozen_at = frozen_at - interval '3 seconds' where ended_at is null",
  );
  if (rowCount === 0) throw new Error('nothing is stopped');
}

/** Rounds, until custody has seen that nobody is frozen any more. */
export async function untilThawSeen(n: Neighbourhood, round: () => Promise<boolean>): Promise<void> {
  await secondsLater(n);
  return until('the thaw to be seen', async () => {
    await round();
    const [stop] = await openStops(n.t.database.prover);
    return stop !== undefined && stop.thawed_at !== null;
  });
}

/** Two people open the next stage. */
export async function openNext(n: Neighbourhood, round: () => Promise<boolean>): Promise<void> {
  const [stop] = await openStops(n.t.database.prover);
  if (!stop?.next) throw new Error('there is no next stage');
  const said = { stop: stop.id, asset: stop.asset, service: stop.next, why: 'it was a test, and is over' };
  for (const person of [n.t.database.ann, n.t.database.ben]) await confirmReopening(person, said);
  await round();
}
