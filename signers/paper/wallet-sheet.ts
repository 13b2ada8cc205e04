/** Wallet sheet: what is public of one wallet, so that coins are found and watched, and a vault's people can compare, when no machine of the house is left. */
import { framesOf } from '../codes/frames.ts';
import { squaresOf } from '../codes/squares.ts';
import type { Block, Sheet } from './sheet.ts';

interface Cosigner {
  readonly publicKey: string;
  /** Null: a vault. */
  readonly signer: string | null;
}

export interface WalletOnPaper {
  readonly id: string;
  readonly role: keyof typeof roles;
  readonly chain: string;
  readonly network: string;
  readonly address: string;
  /** Of Bitcoin's family; null elsewhere. */
  readonly descriptor: string | null;
  readonly threshold: number;
  readonly cosigners: readonly Cosigner[];
  /** That may take a cosigner's place. */
  readonly spares?: readonly Cosigner[] | undefined;
  /** Of an account that has a key beside its cosigners': NEM. */
  readonly publicKey?: string | undefined;
  /** The wallet that took its place. */
  readonly successor?: string | undefined;
  readonly policy: { readonly version: number; readonly digest: string };
}

export function walletSheet(wallet: WalletOnPaper): Sheet {
  const { id, role, chain, network, address, descriptor, threshold, cosigners, policy } = wallet;
  const { spares = [], publicKey, successor } = wallet;
  const holder = ({ signer }: Cosigner) => signer ?? 'vault / 金庫';
  return {
    title: { en: `Kuramori: wallet ${id}`, ja: 'ウォレットの公開情報' },
    blocks: [
      {
        kind: 'facts',
        facts: [
          { name: { en: 'wallet', ja: 'ウォレット' }, value: `${id} (${roles[role]})` },
          { name: { en: 'chain', ja: 'チェーン' }, value: `${chain}, ${network}` },
          { name: { en: 'policy', ja: '規則' }, value: `version ${policy.version} / 第${policy.version}版` },
          { name: { en: 'its digest', ja: 'そのダイジェスト' }, value: policy.digest },
          {
            name: { en: 'signatures', ja: '必要署名数' },
            value: `${threshold} of ${cosigners.length} / ${cosigners.length}件中${threshold}件`,
          },
          ...(publicKey === undefined
            ? []
            : [{ name: { en: 'key of the account', ja: 'アカウントの公開鍵' }, value: publicKey }]),
          ...(successor === undefined
            ? []
            : [{ name: { en: 'successor', ja: '後継のウォレット' }, value: successor }]),
        ],
      },
      {
        kind: 'table',
        shares: [20, 80],
        head: [
          { en: 'signer', ja: '署名者' },
          { en: 'key', ja: '公開鍵' },
        ],
        rows: [
          ...cosigners.map((one) => [holder(one), one.publicKey]),
          ...spares.map((one) => [`${holder(one)} (spare / 予備)`, one.publicKey]),
        ],
      },
      code('address', 'アドレス', address, 40),
      ...(descriptor === null ? [] : descriptorCodes(descriptor)),
      {
        kind: 'notes',
        notes: [
          {
            ja: '秘密情報は含まれません。コインの所在が分かるだけで、送金はできません。残高と履歴が分かるので、公開はしないでください。',
            en: 'Nothing here is secret: it finds coins and moves none. It shows balance and history all the same: do not publish it.',
          },
          {
            ja: 'ダイジェストは管理人の画面の値と照合してください。一致しない紙は使わないでください。',
            en: 'Compare the digest with what the screens of the keepers say; a paper with another one is not used.',
          },
        ],
      },
    ],
  };
}

const roles = { hot: 'hot / ホット', cold: 'cold / コールド' } as const;

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
