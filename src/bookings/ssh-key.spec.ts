import { describe, expect, it } from '@jest/globals';
import { isPublicKeyLine, publicKeyLines } from './ssh-key.js';

const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';

describe('an SSH public key', () => {
  it('is a type, the key and perhaps a comment', () => {
    expect(isPublicKeyLine(ED25519)).toBe(true);
    expect(isPublicKeyLine(`${ED25519} alice@example.org on her laptop`)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['a word', 'hello'],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----'],
    ['a key of another type than it says', ED25519.replace('ssh-ed25519', 'ssh-rsa')],
    ['a key without its body', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5'],
    ['options that run a command', `command="id" ${ED25519}`],
    ['a second line', `${ED25519}\ncommand="id" ${ED25519}`],
    ['an old DSA key', 'ssh-dss AAAAB3NzaC1kc3MAAACBAP'],
    ['something that is no base64', 'ssh-ed25519 AAAA*** me'],
  ])('is not %s', (_, line) => {
    expect(isPublicKeyLine(line)).toBe(false);
  });

  it('loses the end of its line, as files have it', () => {
    expect(publicKeyLines([`${ED25519} me\n`])).toEqual([`${ED25519} me`]);
  });

  it('names the one that is wrong', () => {
    expect(() => publicKeyLines([ED25519, 'nonsense'])).toThrow(
      expect.objectContaining({ fields: [expect.objectContaining({ pointer: '/sshPublicKeys/1' })] }),
    );
  });
});
