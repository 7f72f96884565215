/** `10.0.0.7:4369`, `[::1]:4369`. */
export function addressText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
