import { DestroyedKeyError } from "../../platform/vault/vault.ts";
import type { Place, Sealer, Vault } from "../../platform/vault/vault.ts";

/** What describes a member and so is sealed, under the member's own key. */
export interface MemberProfile {
  name: string;
  position: string;
}

const placeOf = (memberId: string): Place => ({
  table: "member",
  column: "profile",
  rowId: memberId,
});

export function sealProfile(sealer: Sealer, memberId: string, profile: MemberProfile): Buffer {
  const { name, position } = profile;
  return sealer.seal(memberId, placeOf(memberId), JSON.stringify({ name, position }));
}

/** A member whose key was destroyed keeps the id as the name. */
export async function openProfile(
  vault: Vault,
  memberId: string,
  sealed: Buffer,
): Promise<MemberProfile> {
  try {
    return JSON.parse(await vault.openText(placeOf(memberId), sealed)) as MemberProfile;
  } catch (error) {
    if (error instanceof DestroyedKeyError) return { name: memberId, position: "" };
    throw error;
  }
}
