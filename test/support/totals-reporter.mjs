// Closes the run with its totals on a line of their own, as CI reads them.
export default class TotalsReporter {
  onRunComplete(_contexts, results) {
    const skipped = results.numPendingTests + results.numTodoTests;
    const broken = results.numRuntimeErrorTestSuites;
    process.stdout.write(
      `\n${results.numPassedTests} passed, ${results.numFailedTests + broken} failed, ${skipped} skipped\n`,
    );
  }
}
