/** A folder that was bound elsewhere, or a subvolume, has a mount of its own and no disk of its own: it is no medium. */
import { describe, expect, it } from 'vitest';
import { deviceText, mountOf, mountsIn } from './ceremony/mounts.ts';

// The form of proc(5), with the fields that are there now and then.
const mounts = mountsIn(
  [
    '1 0 0:2 / / rw - rootfs rootfs rw',
    '27 1 0:31 /@ / rw,relatime shared:1 - btrfs /dev/sda2 rw,subvol=/@',
    '28 27 0:31 /@home /home rw,relatime shared:2 master:3 - btrfs /dev/sda2 rw,subvol=/@home',
    '29 27 0:31 /@/var/paper /media/bound rw - btrfs /dev/sda2 rw',
    String.raw`30 27 8:17 / /media/my\040stick rw,nosuid - vfat /dev/sdb1 rw`,
    '31 27 8:33 / /media/twice rw - ext4 /dev/sdc1 rw',
    '32 31 8:49 / /media/twice rw - ext4 /dev/sdd1 rw',
    '',
  ].join('\n'),
);
const deviceOf = (path: string) => mountOf(mounts, path).device;

describe('the file system that a path is on', () => {
  it.each([
    ['/home/aoi/share', '0:31'],
    ['/media/bound', '0:31'],
    ['/media/bounded', '0:31'],
    ['/', '0:31'],
    ['/media/my stick/a', '8:17'],
    ['/media/twice', '8:49'],
  ])('%s: %s', (path, device) => {
    expect(deviceOf(path)).toBe(device);
  });

  it('is told by nobody where the list is empty: refused', () => {
    expect(() => mountOf([], '/media/stick')).toThrow(/has no mount for it: media cannot be told apart here/);
  });

  it.each([
    [0x811, '8:17'],
    [65024, '254:0'],
    [0x0010_0105, '1:261'],
  ])('stat’s %i is %s', (device, name) => {
    expect(deviceText(device)).toBe(name);
  });
});
