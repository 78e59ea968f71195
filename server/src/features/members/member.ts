/** Somebody of the company, as the other features see them. */
export interface Member {
  id: string;
  name: string;
  position: string;
  departmentIds: number[];
  directLeaderIds: string[];
  /** False: disabled, gone, or no longer visible to the app. */
  isActive: boolean;
}

export interface Department {
  id: number;
  /** 0 above the root. */
  parentId: number;
  name: string;
  leaderIds: string[];
}
