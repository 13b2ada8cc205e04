/** The vectors that SLIP-0039 publishes, by their numbers: shares, and the secret that the passphrase TREZOR gives, or why there is none. */
import { expect, it } from 'vitest';
import { recoverShared } from './shares.ts';

const vectors = [
  {
    name: '1: Valid mnemonic without sharing (128 bits)',
    shares: [
      'duckling enlarge academic academic agency result length solution fridge kidney coal piece deal husband erode duke ajar critical decision keyboard',
    ],
    gives: 'bb54aac4b89dc868ba37d9cc21b2cece',
  },
  {
    name: '2: Mnemonic with invalid checksum (128 bits)',
    shares: [
      'duckling enlarge academic academic agency result length solution fridge kidney coal piece deal husband erode duke ajar critical decision kidney',
    ],
    gives: { why: 'unread', share: 1, flaw: { why: 'checksum' } },
  },
  {
    name: '3: Mnemonic with invalid padding (128 bits)',
    shares: [
      'duckling enlarge academic academic email result length solution fridge kidney coal piece deal husband erode duke ajar music cargo fitness',
    ],
    gives: { why: 'unread', share: 1, flaw: { why: 'padding' } },
  },
  {
    name: '4: Basic sharing 2-of-3 (128 bits)',
    shares: [
      'shadow pistol academic always adequate wildlife fancy gross oasis cylinder mustang wrist rescue view short owner flip making coding armed',
      'shadow pistol academic acid actress prayer class unknown daughter sweater depict flip twice unkind craft early superior advocate guest smoking',
    ],
    gives: 'b43ceb7e57a0ea8766221624d01b0864',
  },
  {
    name: '6: Mnemonics with different identifiers (128 bits)',
    shares: [
      'adequate smoking academic acid debut wine petition glen cluster slow rhyme slow simple epidemic rumor junk tracks treat olympic tolerate',
      'adequate stay academic agency agency formal party ting frequent learn upstairs remember smear leaf damage anatomy ladle market hush corner',
    ],
    gives: { why: 'another-set', share: 2 },
  },
  {
    name: '10: Mnemonics with greater group threshold than group counts (128 bits)',
    shares: [
      'music husband acrobat acid artist finance center either graduate swimming object bike medical clothes station aspect spider maiden bulb welcome',
      'music husband acrobat agency advance hunting bike corner density careful material civil evil tactics remind hawk discuss hobo voice rainbow',
      'music husband beard academic black tricycle clock mayor estimate level photo episode exclude ecology papa source amazing salt verify divorce',
    ],
    gives: { why: 'unread', share: 1, flaw: { why: 'more-groups-than-there-are' } },
  },
  {
    name: '11: Mnemonics with duplicate member indices (128 bits)',
    shares: [
      'device stay academic always dive coal antenna adult black exceed stadium herald advance soldier busy dryer daughter evaluate minister laser',
      'device stay academic always dwarf afraid robin gravity crunch adjust soul branch walnut coastal dream costume scholar mortgage mountain pumps',
    ],
    gives: { why: 'twice', share: 2, other: 1 },
  },
  {
    name: '12: Mnemonics with mismatching member thresholds (128 bits)',
    shares: [
      'hour painting academic academic device formal evoke guitar random modern justice filter withdraw trouble identify mailman insect general cover oven',
      'hour painting academic agency artist again daisy capital beaver fiber much enjoy suitable symbolic identify photo editor romp float echo',
    ],
    gives: { why: 'another-threshold', share: 2 },
  },
  {
    name: '13: Mnemonics giving an invalid digest (128 bits)',
    shares: [
      'guilt walnut academic acid deliver remove equip listen vampire tactics nylon rhythm failure husband fatigue alive blind enemy teaspoon rebound',
      'guilt walnut academic agency brave hamster hobo declare herd taste alpha slim criminal mild arcade formal romp branch pink ambition',
    ],
    gives: { why: 'wrong-share', group: 1 },
  },
  {
    name: '15: Insufficient number of groups (128 bits, case 2)',
    shares: [
      'eraser senior decision scared cargo theory device idea deliver modify curly include pancake both news skin realize vitamins away join',
      'eraser senior decision roster beard treat identify grumpy salt index fake aviation theater cubic bike cause research dragon emphasis counter',
    ],
    gives: { why: 'too-few-groups', have: 1, need: 2 },
  },
  {
    name: '18: Threshold number of groups and members in each group (128 bits, case 2)',
    shares: [
      'eraser senior decision smug corner ruin rescue cubic angel tackle skin skunk program roster trash rumor slush angel flea amazing',
      'eraser senior beard romp adorn nuclear spill corner cradle style ancient family general leader ambition exchange unusual garlic promise voice',
      'eraser senior decision scared cargo theory device idea deliver modify curly include pancake both news skin realize vitamins away join',
    ],
    gives: '7c3397a292a5941682d7a4ae2d898d11',
  },
  {
    name: '20: Valid mnemonic without sharing (256 bits)',
    shares: [
      'theory painting academic academic armed sweater year military elder discuss acne wildlife boring employer fused large satoshi bundle carbon diagnose anatomy hamster leaves tracks paces beyond phantom capital marvel lips brave detect luck',
    ],
    gives: '989baf9dcaad5b10ca33dfd8cc75e42477025dce88ae83e75a230086a0e00e92',
  },
  {
    name: '39: Mnemonic with insufficient length',
    shares: [
      'junk necklace academic academic acne isolate join hesitate lunar roster dough calcium chemical ladybug amount mobile glasses verify cylinder',
    ],
    gives: { why: 'unread', share: 1, flaw: { why: 'length', words: 19 } },
  },
  {
    name: '41: Valid mnemonics which can detect some errors in modular arithmetic',
    shares: [
      'herald flea academic cage avoid space trend estate dryer hairy evoke eyebrow improve airline artwork garlic premium duration prevent oven',
      'herald flea academic client blue skunk class goat luxury deny presence impulse graduate clay join blanket bulge survive dish necklace',
      'herald flea academic acne advance fused brother frozen broken game ranked ajar already believe check install theory angry exercise adult',
    ],
    gives: 'ad6f2ad8b59bbbaa01369b9006208d9a',
  },
  {
    name: '45: Extendable basic sharing 2-of-3 (256 bits)',
    shares: [
      'western apart academic always artist resident briefing sugar woman oven coding club ajar merit pecan answer prisoner artist fraction amount desktop mild false necklace muscle photo wealthy alpha category unwrap spew losing making',
      'western apart academic acid answer ancient auction flip image penalty oasis beaver multiple thunder problem switch alive heat inherit superior teaspoon explain blanket pencil numb lend punish endless aunt garlic humidity kidney observe',
    ],
    gives: '8dc652d6d6cd370d8c963141f6d79ba440300f25c467302c1d966bff8f62300d',
  },
] as const;

it.each(vectors)('vector $name', ({ shares, gives }) => {
  const texts = shares.map((share) => Buffer.from(share));
  const recovered = recoverShared(texts, Buffer.from('TREZOR'));
  expect(recovered instanceof Uint8Array ? recovered.toHex() : recovered).toEqual(gives);
});
