/** A piece of work that runs again and again on one of the instances, never twice at the same time. */
export interface Job {
  /** `room:verb-noun`, the name of the queue's task. */
  name: string;
  everySeconds: number;
  /** Idempotent: a crash in the middle means that it runs again. */
  run(): Promise<void>;
}

/** Where rooms register their jobs when their module starts. */
export class JobRegistry {
  private readonly jobs = new Map<string, Job>();

  add(job: Job): void {
    this.jobs.set(job.name, job);
  }

  all(): Job[] {
    return [...this.jobs.values()];
  }
}
