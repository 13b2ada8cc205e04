/** Refusal: why an order is not signed, in one line of English and one of Japanese, for whoever stands before the machine. */
import type { Why } from '@kuramori/core';
import { Misconfigured } from '@kuramori/program';

export function refusal(field: string, en: string, ja: string): Misconfigured {
  return new Misconfigured(`${field}: ${en} / ${ja}`);
}

const changed =
  '内容が承認されたものと違います。途中で変えられた可能性があります。署名していません。依頼した人に確かめてください';
const limits = '金庫の上限を超えます。署名していません。時間をおくか、額を分けて依頼し直してください';
const stale =
  '指示が古いか、必要な署名がそろっていません。署名していません。指示を作り直してください（kuramori refill order）';

/** What is not here is told as what cannot be signed. */
const inJapanese: { readonly [W in Why]?: string } = {
  'another-journal':
    'この金庫の今の記録に続く指示ではありません。署名していません。この金庫の前回の答えを監視塔に渡してから（kuramori refill told）指示を作り直してください。復元した金庫なら --journal を付けてください',
  'order-policy':
    '規則の版が、この金庫の記録より古いか、別のものです。署名していません。新しい規則で指示を作り直してください',
  'facts-below-quorum': stale,
  'facts-disagree': stale,
  'time-goes-back': stale,
  'bytes-refused': changed,
  'intent-altered': changed,
  'output-without-intent': changed,
  'intent-without-output': changed,
  'destination-not-pinned': '規則が認めない宛先です。署名していません。依頼した人に確かめてください',
  'approvals-below-quorum': '承認した人が足りません。署名していません（kuramori refill approve）',
  'intent-expired': '期限が過ぎています。署名していません。依頼からやり直してください',
  'outlives-order': '有効期間が長すぎます。署名していません。指示を作り直してください',
  'fee-over-cap': '手数料が上限を超えます。署名していません',
  'over-balance': '残高が足りません。署名していません',
  'over-payment-limit': limits,
  'over-rolling-limit': limits,
  'over-move-count': limits,
  'paid-by-another-transaction':
    '同じ依頼に対する別の取引がまだ有効かもしれません。署名していません。それが無効になってから指示を作り直してください',
  'bytes-recorded-before':
    '同じ取引が別の依頼のために記録されています。署名していません。指示を作り直してください',
  denied: '規則が禁じています。署名していません',
  'denied-now': '今は規則が禁じています。署名していません。必要な承認か時間を待ってください',
  'keys-on-chain':
    'チェーン上のウォレットの鍵が、規則の鍵と違います。署名していません。すぐに責任者に知らせてください',
};

export function judgedAway({ why, detail }: { readonly why: Why; readonly detail: string }): Misconfigured {
  return refusal(`order: ${why}`, detail, inJapanese[why] ?? 'この指示には署名できません。署名していません');
}
