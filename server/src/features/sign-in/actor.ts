/** Who calls: what a route may know about the person behind a session. */
export interface Actor {
  memberId: string;
  name: string;
  isAdmin: boolean;
  /** Leads at least one department or member. */
  isManager: boolean;
}
