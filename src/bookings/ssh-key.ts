import { invalid } from '../kernel/errors.js';

/** The key types that OpenSSH servers of today accept; DSA is not among them. */
const TYPES = new Set([
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
]);

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const LENGTH_BYTES = 4;

/** Whether the key's binary part names the type that its text does (RFC 4253 §6.6), and holds more than that. */
function namesType(blob: Buffer, type: string): boolean {
  if (blob.length <= LENGTH_BYTES + type.length) return false;
  return (
    blob.readUInt32BE(0) === type.length &&
    blob.toString('latin1', LENGTH_BYTES, LENGTH_BYTES + type.length) === type
  );
}

/** Whether `line` is an OpenSSH public key on one line, `type base64 [comment]`, without options before it. */
export function isPublicKeyLine(line: string): boolean {
  // oxlint-disable-next-line no-control-regex -- a control character would end the line in authorized_keys
  if (/[\u0000-\u001f\u007f\u2028\u2029]/.test(line)) return false;
  const [type = '', base64 = ''] = line.trim().split(/ +/);
  return TYPES.has(type) && BASE64.test(base64) && namesType(Buffer.from(base64, 'base64'), type);
}

/**
 * The keys as they go into an authorized_keys file.
 * @throws AppError 422 naming the first that is not an OpenSSH public key.
 */
export function publicKeyLines(keys: readonly string[]): string[] {
  return keys.map((key, index) => {
    const line = key.replace(/[\r\n]+$/, '');
    if (!isPublicKeyLine(line)) {
      throw invalid(
        `/sshPublicKeys/${index}`,
        'must be an OpenSSH public key, such as "ssh-ed25519 AAAA… name"',
      );
    }
    return line.trim();
  });
}
