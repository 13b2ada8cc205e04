/** What unexplained transactions do, in words and sums: as far as the lines tell. */
import { deedOf } from './build.ts';
import { code, shown, table } from './escape.ts';
import type { Does } from './line.ts';
import type { IncidentRecord, Transaction } from './record.ts';
import { unknowns } from './unknown.ts';
import { amount, jst, list, unknown, utc, type Both, type Lang } from './words.ts';

const nothingRead: Both = { en: 'the lines do not say what it does', ja: '内容の記録がない' };

/** One sentence; a message in the sender's own words, escaped. */
function deedText(transaction: Transaction, lang: Lang): string {
  const deed = deedOf(transaction);
  if (!deed) return unknown(lang, nothingRead);
  const text = textOf(deed, lang);
  if (transaction.does?.kind !== 'proposal') return text;
  const { by, fee } = transaction.does;
  return lang === 'en'
    ? `proposed by the key ${code(by)}, fee ${amount('nem:xem', fee)}: ${text}`
    : `鍵 ${code(by)} による提案（手数料 ${amount('nem:xem', fee)}）：${text}`;
}

function textOf(deed: Exclude<Does, { kind: 'proposal' }>, lang: Lang): string {
  switch (deed.kind) {
    case 'transfer': {
      const moves = deed.moves.map(({ asset, units }) => amount(asset, units)).join(', ');
      const said = deed.message ? messageText(deed.message, lang) : '';
      return lang === 'en'
        ? `${moves} from ${code(deed.from)} to ${code(deed.to)}, fee ${amount('nem:xem', deed.fee)}${said}`
        : `${code(deed.from)} から ${code(deed.to)} へ ${moves}、手数料 ${amount('nem:xem', deed.fee)}${said}`;
    }
    case 'modification': {
      const keys = (all: typeof deed.adds) =>
        all.map(({ key, address }) => `${code(key)} (${code(address)})`).join(', ') || '–';
      return lang === 'en'
        ? `changes who signs for ${code(deed.account)}: puts in ${keys(deed.adds)}, takes out ${keys(deed.removes)}`
        : `${code(deed.account)} の署名者を変更：追加 ${keys(deed.adds)}、削除 ${keys(deed.removes)}`;
    }
    case 'cosignature':
      return lang === 'en'
        ? `the key ${code(deed.by)} consents to ${code(deed.consentsTo)} of ${code(deed.account)}`
        : `鍵 ${code(deed.by)} が ${code(deed.account)} の ${code(deed.consentsTo)} に同意`;
    case 'spend': {
      const paid = deed.to.filter(({ ours }) => !ours);
      const to = paid.map(({ place, units }) => `${amount(deed.asset, units)} → ${code(place)}`).join(', ');
      const rest =
        deed.more === 0 ? '' : lang === 'en' ? `, and ${deed.more} more` : `、ほか ${deed.more} 件`;
      return lang === 'en'
        ? `spends ${deed.spends.length} coins: ${to || 'all to our own wallets'}${rest}`
        : `${deed.spends.length} 個の未使用出力を使用：${to || '全額自社ウォレット宛'}${rest}`;
    }
    case 'safe': {
      const paid = deed.pays.map(({ to, asset, units }) => `${amount(asset, units)} → ${code(to)}`);
      const said = [...paid, ...deed.unexplained.map(shown)].join(', ');
      const rest =
        deed.more === 0 ? '' : lang === 'en' ? `, and ${deed.more} more` : `、ほか ${deed.more} 件`;
      return lang === 'en'
        ? `executed ${deed.executions.length} times by the Safe: ${said || 'nothing leaves'}${rest}`
        : `Safe による実行 ${deed.executions.length} 件：${said || '流出なし'}${rest}`;
    }
    case 'unread':
      return lang === 'en' ? `cannot be read: ${shown(deed.why)}` : `解読不能：${shown(deed.why)}`;
    default:
      return deed satisfies never;
  }
}

function messageText({ kind, hex }: { readonly kind: string; readonly hex: string }, lang: Lang): string {
  if (kind === 'encrypted') return lang === 'en' ? '; an encrypted message' : '、暗号化メッセージ付き';
  const text = shown(Buffer.from(hex, 'hex').toString('utf8'));
  return lang === 'en' ? `; its sender wrote: “${text}”` : `、送信者の記載：「${text}」`;
}

function blocksText({ inBlocks }: Transaction, lang: Lang, whose: Nodes): string {
  if (inBlocks.length === 0)
    return lang === 'en' ? 'no line says that it is in a block' : 'ブロックに取り込まれた記録なし';
  const block = (height: number) => (lang === 'en' ? `block ${height}` : `ブロック ${height}`);
  if (whose === 'unnamed') return [...new Set(inBlocks.map(({ height }) => height))].map(block).join(', ');
  return inBlocks
    .map(({ node, height }) =>
      lang === 'en' ? `${block(height)} at ${code(node)}` : `${block(height)}（${code(node)}）`,
    )
    .join(', ');
}

/** Where our nodes are is nobody's business outside the house. */
type Nodes = 'named' | 'unnamed';

export function transactionTable({ transactions }: IncidentRecord, lang: Lang, nodes: Nodes): string {
  if (transactions.length === 0) return unknown(lang, unknowns['no-transaction']);
  const head: readonly Both[] = [
    { en: 'first seen, UTC', ja: '最初の観測（UTC）' },
    { en: 'Japan', ja: '日本時間' },
    { en: 'transaction', ja: '取引ハッシュ' },
    { en: 'what it does', ja: '内容' },
    { en: 'signed by', ja: '署名した鍵' },
    { en: 'in a block', ja: 'ブロック' },
  ];
  return table(
    head.map((one) => one[lang]),
    transactions.map((one) => [
      code(utc(one.firstSeen)),
      jst(one.firstSeen),
      one.hash === null ? '–' : list(one.inner === null ? [one.hash] : [one.hash, one.inner]),
      deedText(one, lang),
      list(one.signatures.map(({ signer }) => signer)) || '–',
      blocksText(one, lang, nodes),
    ]),
  );
}

export function sumTable({ sums, unknown: gaps }: IncidentRecord, lang: Lang): string {
  const none: Both = { en: 'no transfer is among the lines', ja: '送金の記録がない' };
  if (sums.length === 0) return unknown(lang, none);
  const head: readonly Both[] = [
    { en: 'would have moved (announced)', ja: '送信された送金の合計（未確定を含む）' },
    { en: 'moved (in a block)', ja: 'ブロックに取り込まれた送金の合計' },
  ];
  const rows = sums.map(({ asset, announced, inBlocks }) => [
    amount(asset, announced),
    inBlocks === '0' ? unknown(lang, noBlock) : amount(asset, inBlocks),
  ]);
  const whole = table(
    head.map((one) => one[lang]),
    rows,
  );
  return gaps.includes('some-undecoded') ? `${whole}\n\n${unknowns['some-undecoded'][lang]}` : whole;
}

const noBlock: Both = {
  en: 'no line shows an unexplained transfer in a block',
  ja: '未承認の送金がブロックに取り込まれた記録がない',
};
