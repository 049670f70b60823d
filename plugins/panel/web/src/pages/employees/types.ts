/** `GET /api/v1/clients/{id}/employees`. */
export interface Employee {
  id: number;
  clientId: string;
  name: string;
  voice: { state: string; model: string | null; enrolledAt: string | null; speechMs: number | null };
  consent: string;
  revision: number;
}

export interface Shift {
  /** 0 = Monday. */
  weekday: number;
  start: string;
  end: string;
}

/** Where the routes about one person begin. */
export function pathOf({ clientId, id }: Employee): string {
  return `/api/v1/clients/${clientId}/employees/${id}`;
}
