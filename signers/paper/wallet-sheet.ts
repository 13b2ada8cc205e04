/** Wallet sheet: what is public of one wallet, so that coins are found and watched, and a vault's people can compare, when no machine of the house is left. */
import { framesOf } from '../codes/frames.ts';
import { squaresOf } from '../codes/squares.ts';
import type { Block, Sheet } from './sheet.ts';

export interface WalletOnPaper {
  readonly id: string;
  readonly role: string;
  readonly chain: string;
  readonly network: string;
  readonly address: string;
  /** Of Bitcoin's family; null elsewhere. */
  readonly descriptor: string | null;
  readonly threshold: number;
  readonly cosigners: readonly { readonly publicKey: string; readonly signer: string | null }[];
  readonly policy: { readonly version: number; readonly digest: string };
}

export function walletSheet(wallet: WalletOnPaper): Sheet {
  const { id, role, chain, network, address, descriptor, threshold, cosigners, policy } = wallet;
  return {
    title: { en: `Kuramori: wallet ${id}`, ja: 'ウォレットの公開情報' },
    blocks: [
      {
        kind: 'facts',
        facts: [
          { name: { en: 'wallet', ja: 'ウォレット' }, value: `${id} (${role})` },
          { name: { en: 'chain', ja: 'チェーン' }, value: `${chain}, ${network}` },
          { name: { en: 'policy', ja: 'ポリシー' }, value: `version ${policy.version}` },
          { name: { en: 'its digest', ja: 'そのダイジェスト' }, value: policy.digest },
          { name: { en: 'signatures', ja: '必要な署名' }, value: `${threshold} / ${cosigners.length}` },
        ],
      },
      {
        kind: 'table',
        shares: [20, 80],
        head: [
          { en: 'signer', ja: '署名者' },
          { en: 'key', ja: '公開鍵' },
        ],
        rows: cosigners.map(({ publicKey, signer }) => [signer ?? 'vault', publicKey]),
      },
      code('address', 'アドレス', address, 40),
      ...(descriptor === null ? [] : descriptorCodes(descriptor)),
      {
        kind: 'notes',
        notes: [
          {
            ja: 'ここに秘密はありません。コインの場所を示すもので、動かすことはできません。残高と履歴が分かるので、公開はしないでください。',
            en: 'Nothing here is secret: it finds coins and moves none. It shows balance and history all the same: do not publish it.',
          },
          {
            ja: 'ダイジェストは管理者の画面の値と照合してください。一致しない紙は使わないでください。',
            en: 'Compare the digest with what the screens of the keepers say; a paper with another one is not used.',
          },
        ],
      },
    ],
  };
}

/** A code holds 600 letters well; wallets read it as it is. A longer one is in several codes, as UR of our own type (BCR-2020-006). */
const wellRead = 600;

function descriptorCodes(descriptor: string): readonly Block[] {
  if (descriptor.length <= wellRead) return [code('descriptor', 'ディスクリプター', descriptor, 76)];
  const frames = framesOf('x-kuramori', Buffer.from(descriptor), wellRead / 2);
  return [
    { kind: 'facts', facts: [{ name: { en: 'descriptor', ja: 'ディスクリプター' }, value: descriptor }] },
    ...Array.from({ length: frames.fragments }, (_, at): Block => {
      const squares = squaresOf(frames.text(at + 1).toUpperCase(), 'medium');
      const value = `${at + 1} / ${frames.fragments}, UR`;
      return {
        kind: 'code',
        squares,
        side: 76,
        facts: [{ name: { en: 'descriptor', ja: 'ディスクリプター' }, value }],
      };
    }),
  ];
}

function code(en: string, ja: string, value: string, side: number): Block {
  return { kind: 'code', squares: squaresOf(value, 'medium'), side, facts: [{ name: { en, ja }, value }] };
}
