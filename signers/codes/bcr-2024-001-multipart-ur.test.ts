/** The vectors that BCR-2024-001 publishes, by the names of its sections. */
import { crc32 } from 'node:zlib';
import { expect, it } from 'vitest';
import { readBytewords } from './bytewords.ts';
import { partText, type Part } from './frame.ts';
import { framesOf } from './frames.ts';
import { degrees, drawn, mixtures, sampler } from './mixture.ts';
import { xoshiro } from './xoshiro.ts';

const wolf = () => xoshiro(Buffer.from('Wolf'));
const times = <T>(count: number, make: (at: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, at) => make(at));
/** What the standard calls makeMessage. */
function message(length: number): Uint8Array {
  const random = wolf();
  return Uint8Array.from(times(length, () => random.below(256)));
}

it('CRC-32 Checksum', () => {
  expect(crc32('Wolf')).toBe(0x598c84dc);
  expect(crc32(message(1024))).toBe(0x2f19f3bb);
});

it('The Xoshiro256** Pseudorandom Number Generator', () => {
  const numbers = wolf();
  expect(times(100, () => Number(numbers.next() % 100n))).toEqual([
    42, 81, 85, 8, 82, 84, 76, 73, 70, 88, 2, 74, 40, 48, 77, 54, 88, 7, 5, 88, 37, 25, 82, 13, 69, 59, 30,
    39, 11, 82, 19, 99, 45, 87, 30, 15, 32, 22, 89, 44, 92, 77, 29, 78, 4, 92, 44, 68, 92, 69, 1, 42, 89, 50,
    37, 84, 63, 34, 32, 3, 17, 62, 40, 98, 82, 89, 24, 43, 85, 39, 15, 3, 99, 29, 20, 42, 27, 10, 85, 66, 50,
    35, 69, 70, 70, 74, 30, 13, 72, 54, 11, 5, 70, 55, 91, 52, 10, 43, 43, 52,
  ]);
  const below = wolf();
  expect(times(100, () => below.below(10) + 1)).toEqual([
    6, 5, 8, 4, 10, 5, 7, 10, 4, 9, 10, 9, 7, 7, 1, 1, 2, 9, 9, 2, 6, 4, 5, 7, 8, 5, 4, 2, 3, 8, 7, 4, 5, 1,
    10, 9, 3, 10, 2, 6, 8, 5, 7, 9, 3, 1, 5, 2, 7, 1, 4, 4, 4, 4, 9, 4, 5, 5, 6, 9, 5, 1, 2, 8, 3, 3, 2, 8, 4,
    3, 2, 1, 10, 8, 9, 3, 10, 8, 5, 5, 6, 7, 10, 5, 8, 9, 4, 6, 4, 2, 10, 2, 1, 7, 9, 6, 7, 4, 2, 5,
  ]);
});

it('Random Sampler', () => {
  const [draw, random] = [sampler([1, 2, 4, 8]), wolf()];
  const samples = times(500, () => draw(random));
  expect(samples.slice(0, 100)).toEqual([
    3, 3, 3, 3, 3, 3, 3, 0, 2, 3, 3, 3, 3, 1, 2, 2, 1, 3, 3, 2, 3, 3, 1, 1, 2, 1, 1, 3, 1, 3, 1, 2, 0, 2, 1,
    0, 3, 3, 3, 1, 3, 3, 3, 3, 1, 3, 2, 3, 2, 2, 3, 3, 3, 3, 2, 3, 3, 0, 3, 3, 3, 3, 1, 2, 3, 3, 2, 2, 2, 1,
    2, 2, 1, 2, 3, 1, 3, 0, 3, 2, 3, 3, 3, 3, 3, 3, 3, 3, 2, 3, 1, 3, 3, 2, 0, 2, 2, 3, 1, 1,
  ]);
  expect(times(4, (value) => samples.filter((one) => one === value).length)).toEqual([28, 68, 130, 274]);
});

it('Degree Chooser', () => {
  const [degree, random] = [degrees(11), wolf()];
  const chosen = times(1000, () => degree(random));
  expect(chosen.slice(0, 100)).toEqual([
    7, 9, 2, 1, 4, 2, 1, 1, 3, 10, 7, 1, 1, 4, 3, 8, 6, 2, 3, 2, 1, 1, 4, 5, 8, 4, 4, 1, 6, 1, 5, 2, 3, 3, 5,
    2, 1, 10, 2, 5, 1, 1, 1, 5, 5, 11, 1, 1, 8, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 11, 1, 1, 5, 1, 1, 1, 3, 7, 3,
    3, 2, 2, 4, 2, 1, 3, 1, 1, 8, 2, 1, 1, 2, 7, 1, 1, 2, 1, 2, 1, 4, 1, 1, 1, 2, 1, 8, 1, 5, 4,
  ]);
  expect(times(11, (at) => chosen.filter((one) => one === at + 1).length)).toEqual([
    328, 151, 116, 77, 71, 54, 52, 55, 33, 33, 30,
  ]);
});

it('The Fisher-Yates Shuffle', () => {
  const expected = [6, 4, 9, 3, 10, 5, 7, 8, 1, 2];
  for (let count = 1; count <= 10; count += 1)
    expect(drawn(10, count, wolf()).map((at) => at + 1)).toEqual(expected.slice(0, count));
});

it('Fragment Chooser', () => {
  const of = mixtures(11, crc32(message(1024)));
  expect(times(50, (at) => [...of(at + 1)].sort((a, b) => a - b))).toEqual([
    [0],
    [1],
    [2],
    [3],
    [4],
    [5],
    [6],
    [7],
    [8],
    [9],
    [10],
    [9],
    [2, 5, 6, 8, 9, 10],
    [8],
    [1, 5],
    [1],
    [0, 2, 4, 5, 8, 10],
    [5],
    [2],
    [2],
    [0, 1, 3, 4, 5, 7, 9, 10],
    [0, 1, 2, 3, 5, 6, 8, 9, 10],
    [0, 2, 4, 5, 7, 8, 9, 10],
    [3, 5],
    [4],
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    [0, 1, 3, 4, 5, 6, 7, 9, 10],
    [6],
    [5, 6],
    [7],
    [4, 9, 10],
    [5],
    [10],
    [1, 3, 4, 5],
    [6, 8],
    [9],
    [4, 5, 6, 8],
    [4],
    [0, 10],
    [2, 5, 7, 10],
    [4],
    [0, 2, 4, 6, 7, 10],
    [9],
    [1],
    [3, 6],
    [3, 8],
    [1, 2, 6, 9],
    [0, 2, 4, 5, 6, 7, 9],
    [0, 4],
    [9],
  ]);
});

/** The CBOR of a part, out of its text. */
function bodyOf(part: Part): string {
  const read = readBytewords(partText('bytes', part).split('/')[2] ?? '');
  return read.kind === 'read' ? Buffer.from(read.bytes).toString('hex') : read.why;
}

it('Part Serialization', () => {
  const part = {
    number: 12,
    fragments: 8,
    length: 100,
    checksum: 0x12345678,
    data: Uint8Array.of(1, 5, 3, 3, 5),
  };
  expect(bodyOf(part)).toBe('850c0818641a12345678450105030305');
});

it('The Encoder, as the reference publishes its texts: 256 bytes, at most 30 in a fragment', () => {
  const frames = framesOf('bytes', message(256), 30);
  expect(times(20, (at) => frames.text(at + 1))).toEqual([
    'ur:bytes/1-9/lpadascfadaxcywenbpljkhdcahkadaemejtswhhylkepmykhhtsytsnoyoyaxaedsuttydmmhhpktpmsrjtdkgslpgh',
    'ur:bytes/2-9/lpaoascfadaxcywenbpljkhdcagwdpfnsboxgwlbaawzuefywkdplrsrjynbvygabwjldapfcsgmghhkhstlrdcxaefz',
    'ur:bytes/3-9/lpaxascfadaxcywenbpljkhdcahelbknlkuejnbadmssfhfrdpsbiegecpasvssovlgeykssjykklronvsjksopdzmol',
    'ur:bytes/4-9/lpaaascfadaxcywenbpljkhdcasotkhemthydawydtaxneurlkosgwcekonertkbrlwmplssjtammdplolsbrdzcrtas',
    'ur:bytes/5-9/lpahascfadaxcywenbpljkhdcatbbdfmssrkzmcwnezelennjpfzbgmuktrhtejscktelgfpdlrkfyfwdajldejokbwf',
    'ur:bytes/6-9/lpamascfadaxcywenbpljkhdcackjlhkhybssklbwefectpfnbbectrljectpavyrolkzczcpkmwidmwoxkilghdsowp',
    'ur:bytes/7-9/lpatascfadaxcywenbpljkhdcavszmwnjkwtclrtvaynhpahrtoxmwvwatmedibkaegdosftvandiodagdhthtrlnnhy',
    'ur:bytes/8-9/lpayascfadaxcywenbpljkhdcadmsponkkbbhgsoltjntegepmttmoonftnbuoiyrehfrtsabzsttorodklubbuyaetk',
    'ur:bytes/9-9/lpasascfadaxcywenbpljkhdcajskecpmdckihdyhphfotjojtfmlnwmadspaxrkytbztpbauotbgtgtaeaevtgavtny',
    'ur:bytes/10-9/lpbkascfadaxcywenbpljkhdcahkadaemejtswhhylkepmykhhtsytsnoyoyaxaedsuttydmmhhpktpmsrjtwdkiplzs',
    'ur:bytes/11-9/lpbdascfadaxcywenbpljkhdcahelbknlkuejnbadmssfhfrdpsbiegecpasvssovlgeykssjykklronvsjkvetiiapk',
    'ur:bytes/12-9/lpbnascfadaxcywenbpljkhdcarllaluzmdmgstospeyiefmwejlwtpedamktksrvlcygmzemovovllarodtmtbnptrs',
    'ur:bytes/13-9/lpbtascfadaxcywenbpljkhdcamtkgtpknghchchyketwsvwgwfdhpgmgtylctotzopdrpayoschcmhplffziachrfgd',
    'ur:bytes/14-9/lpbaascfadaxcywenbpljkhdcapazewnvonnvdnsbyleynwtnsjkjndeoldydkbkdslgjkbbkortbelomueekgvstegt',
    'ur:bytes/15-9/lpbsascfadaxcywenbpljkhdcaynmhpddpzmversbdqdfyrehnqzlugmjzmnmtwmrouohtstgsbsahpawkditkckynwt',
    'ur:bytes/16-9/lpbeascfadaxcywenbpljkhdcawygekobamwtlihsnpalnsghenskkiynthdzotsimtojetprsttmukirlrsbtamjtpd',
    'ur:bytes/17-9/lpbyascfadaxcywenbpljkhdcamklgftaxykpewyrtqzhydntpnytyisincxmhtbceaykolduortotiaiaiafhiaoyce',
    'ur:bytes/18-9/lpbgascfadaxcywenbpljkhdcahkadaemejtswhhylkepmykhhtsytsnoyoyaxaedsuttydmmhhpktpmsrjtntwkbkwy',
    'ur:bytes/19-9/lpbwascfadaxcywenbpljkhdcadekicpaajootjzpsdrbalpeywllbdsnbinaerkurspbncxgslgftvtsrjtksplcpeo',
    'ur:bytes/20-9/lpbbascfadaxcywenbpljkhdcayapmrleeleaxpasfrtrdkncffwjyjzgyetdmlewtkpktgllepfrltataztksmhkbot',
  ]);
});
