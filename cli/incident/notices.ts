/** Four drafts to those who can still help: customers, police, the chain's foundation, other exchanges. */
import { code, table } from './escape.ts';
import { draftNote, type Document, type Section } from './document.ts';
import { sumTable, transactionTable } from './moved.ts';
import type { IncidentRecord } from './record.ts';
import { unknowns } from './unknown.ts';
import { blank, list, moment, unknown, type Both, type Lang } from './words.ts';

const contact: Section = {
  heading: { en: 'Whom to call', ja: '連絡先' },
  body: (_, lang) => [
    [
      { en: 'Company and sender', ja: '会社名及び差出人' },
      {
        en: 'Who answers day and night: name, telephone, mail, key for encrypted mail',
        ja: '24時間対応の窓口（氏名、電話、メール、暗号化メールの鍵）',
      },
      { en: 'Number of the case, at the police and with us', ja: '事件番号（警察・当社）' },
    ]
      .map((one) => `* ${blank(lang, one)}`)
      .join('\n'),
  ],
};

const happened: Section = {
  heading: { en: 'What happened', ja: '発生した事象' },
  body: ({ firstSight, firstAlarm }, lang) => [
    [
      line(
        lang,
        { en: 'First suspicious sight', ja: '不審な取引の最初の観測' },
        firstSight,
        unknowns['no-sight'],
      ),
      line(lang, { en: 'First alarm', ja: '最初の警報' }, firstAlarm, unknowns['no-alarm']),
    ].join('\n'),
  ],
};

function line(lang: Lang, what: Both, at: number | null, why: Both): string {
  return `* ${what[lang]}: ${at === null ? unknown(lang, why) : moment(at)}`;
}

const amounts: Section = {
  heading: { en: 'Amounts', ja: '金額' },
  body: (record, lang) => [sumTable(record, lang)],
};

const transactions: Section = {
  heading: { en: 'Transactions', ja: '取引' },
  body: (record, lang) => [transactionTable(record, lang, 'unnamed')],
};

const addresses: Section = {
  heading: { en: 'Addresses', ja: 'アドレス' },
  body: (record, lang) => [addressTable(record, lang)],
};

const nobodyNamed: Both = { en: 'no line names an address', ja: 'アドレスの記録がない' };

function addressTable({ named }: IncidentRecord, lang: Lang): string {
  if (named.length === 0) return unknown(lang, nobodyNamed);
  const head: readonly Both[] = [
    { en: 'address', ja: 'アドレス' },
    { en: 'named as', ja: '立場' },
    { en: 'by transactions', ja: '取引' },
  ];
  const as: { readonly [A in 'recipient' | 'cosigner']: Both } = {
    recipient: { en: 'recipient', ja: '受取人' },
    cosigner: { en: 'put in as a signer', ja: '追加された署名者' },
  };
  const rows = named.map((one) => [code(one.address), as[one.as][lang], list(one.transactions) || '–']);
  const check = blank(lang, {
    en: 'Whose is each of them? A thief can name an address of somebody who knows nothing: strike those out.',
    ja: '各アドレスの所有者の確認。無関係な第三者のアドレスが記載されている可能性があるため、該当するものは削除すること。',
  });
  return `${table(
    head.map((one) => one[lang]),
    rows,
  )}\n\n${check}`;
}

function please(heading: Both, requests: readonly Both[], blanks: readonly Both[] = []): Section {
  return {
    heading,
    body: (_, lang) => [
      [...requests.map((one) => `* ${one[lang]}`), ...blanks.map((one) => `* ${blank(lang, one)}`)].join(
        '\n',
      ),
    ],
  };
}

const weAsk: Both = { en: 'What we ask', ja: 'お願い' };
const opening = (_: IncidentRecord, lang: Lang) => [draftNote(lang)];

export const notices: readonly Document[] = [
  {
    name: 'notice-customers',
    title: { en: 'Notice to customers (draft)', ja: 'お客様へのお知らせ（案）' },
    opening,
    sections: [
      happened,
      amounts,
      please(
        { en: 'What it means for you', ja: 'お客様への影響' },
        [
          {
            en: 'Signing of payments has been stopped by our own safeguards; the times stand above.',
            ja: '当社の安全装置により、送金の署名を停止しています。時刻は上記のとおりです。',
          },
          {
            en: 'We never ask for your password or keys. Whoever does, in our name, is a thief.',
            ja: '当社がパスワードや秘密鍵をお尋ねすることはありません。当社を名乗る者からの照会にご注意ください。',
          },
        ],
        [
          {
            en: 'Which services are stopped, since when, and when do you say more?',
            ja: '停止中のサービス、停止時刻、次回のお知らせの時期',
          },
          {
            en: 'Are customers’ assets concerned, and what happens with them?',
            ja: '顧客資産への影響とその取扱い',
          },
        ],
      ),
      please(weAsk, [
        {
          en: 'Send no deposit to your old addresses until we say that deposits are open.',
          ja: '入金再開のお知らせまで、これまでの入金アドレスへ送金しないでください。',
        },
      ]),
      contact,
    ],
  },
  {
    name: 'notice-police',
    title: { en: 'Report to the police (draft)', ja: '警察への届出（案）' },
    opening,
    sections: [
      happened,
      transactions,
      amounts,
      addresses,
      please(
        weAsk,
        [
          {
            en: 'Take up the case, and ask exchanges and providers abroad for what they know of these addresses.',
            ja: '本件を受理し、国内外の交換業者等に対し、上記アドレスに関する情報を照会していただきたい。',
          },
          {
            en: 'We keep, unchanged, the watchtowers’ files, the signers’ journals and the signed bytes: incident.json holds them.',
            ja: '監視プロセスの記録、署名者のジャーナル及び署名済みバイト列は変更せず保全しています（incident.json に収録）。',
          },
        ],
        [
          {
            en: 'Who had access to the keys and machines that the record names?',
            ja: '記録にある鍵及び機器にアクセスできた者',
          },
          { en: 'Which machines are kept as they were, and where?', ja: '現状保全した機器とその保管場所' },
        ],
      ),
      contact,
    ],
  },
  {
    name: 'notice-foundation',
    title: { en: 'Notice to the chain’s foundation (draft)', ja: 'チェーンの財団への連絡（案）' },
    opening,
    sections: [
      happened,
      transactions,
      amounts,
      addresses,
      please(weAsk, [
        {
          en: 'Mark these addresses, and those that receive from them, so that exchanges see it.',
          ja: '上記アドレス及びその送金先に、交換業者が識別できる印を付けていただきたい。',
        },
        {
          en: 'Tell us of transactions of our account that your nodes hold unconfirmed, and keep their logs.',
          ja: '当社口座に関する未承認取引がノードにあればお知らせいただき、ノードのログを保全していただきたい。',
        },
      ]),
      contact,
    ],
  },
  {
    name: 'notice-exchanges',
    title: { en: 'Notice to other exchanges (draft)', ja: '他の交換業者への連絡（案）' },
    opening,
    sections: [
      happened,
      addresses,
      transactions,
      amounts,
      please(weAsk, [
        {
          en: 'Refuse deposits from these addresses and from those that received from them; freeze what has arrived.',
          ja: '上記アドレス及びその送金先からの入金を拒否し、既に着金したものは凍結していただきたい。',
        },
        {
          en: 'Mark them in your screening; addresses.csv and addresses.json are the same list for machines.',
          ja: '貴社の検知システムに登録していただきたい。addresses.csv 及び addresses.json は同じ一覧の機械可読版です。',
        },
        {
          en: 'Tell us, and the police, whose accounts they reached.',
          ja: '着金した口座の名義について、当社及び警察にお知らせいただきたい。',
        },
      ]),
      contact,
    ],
  },
];
