/**
 * Told late: freezes that a signer's journal tells of, and for which this database has stopped nothing. It is yesterday's,
 * or custody was down all the while: the stop is made good, and people reopen.
 */
import { freezeDigest, freezeOf, type SignedEntry } from '@kuramori/core';
import type { Client } from '@kuramori/ledger';
import type { House } from '../house.ts';
import { isSeen, knowAssets, seeFrozen } from './row.ts';
import { orderFor } from './runbook.ts';
import { assetsOf } from './sight.ts';

/** In the transaction that reads the entries. */
export async function stopToldLate(
  house: House,
  client: Client,
  records: readonly SignedEntry[],
): Promise<void> {
  for (const { entry } of records) {
    const { body, signer } = entry;
    if (body.kind !== 'freeze') continue;
    const digest = freezeDigest(body.freeze);
    for (const asset of assetsOf(house).filter((one) => freezeOf([body.freeze], one))) {
      await knowAssets(client, assetsOf(house));
      if (await isSeen(client, asset, digest)) continue;
      const why = `frozen: ${body.freeze.freeze.why}`;
      await seeFrozen(
        client,
        asset,
        { why, by: [signer], freezes: [digest] },
        orderFor(house.runbook, asset),
      );
    }
  }
}
