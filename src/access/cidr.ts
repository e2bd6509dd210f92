import { BlockList, isIP } from 'node:net';

type Family = 'ipv4' | 'ipv6';

interface Cidr {
  readonly network: string;
  readonly prefix: number;
  readonly family: Family;
}

/** Whether a text is a network in CIDR form (`203.0.113.0/24`, `2001:db8::/32`) or one address. */
export const isCidr = (text: unknown): text is string => typeof text === 'string' && parseCidr(text) !== undefined;

/**
 * Whether an address lies in one of the networks. An IPv4 address written as IPv6 (`::ffff:192.0.2.1`) counts as the
 * IPv4 address it is, and an IPv4 address lies in no IPv6 network. A text that is no address lies in none.
 *
 * @param networks as accepted by `isCidr`; others are passed over.
 */
export function isInNetworks(address: string, networks: readonly string[]): boolean {
  const plain = address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  const family = familyOf(plain);
  if (family === undefined) return false;
  const list = new BlockList();
  for (const network of networks) {
    const cidr = parseCidr(network);
    if (cidr?.family === family) list.addSubnet(cidr.network, cidr.prefix, cidr.family);
  }
  return list.check(plain, family);
}

function parseCidr(text: string): Cidr | undefined {
  const [, network = '', length] = /^([0-9A-Fa-f:.]{2,45})(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = familyOf(network);
  if (family === undefined) return undefined;
  const bits = family === 'ipv4' ? 32 : 128;
  const prefix = length === undefined ? bits : Number(length);
  return prefix <= bits ? { network, prefix, family } : undefined;
}

function familyOf(address: string): Family | undefined {
  switch (isIP(address)) {
    case 4:
      return 'ipv4';
    case 6:
      return 'ipv6';
    default:
      return undefined;
  }
}
