// Asks another evaluator about the cases of generated.py. In a folder of its own:
//   npm install --ignore-scripts @cloud-copilot/iam-simulate@0.1.173
//   python -m tests.unit.rehearsal_iam.generated > cases.json   (in this checkout)
//   node verdicts.mjs cases.json > verdicts.txt
// Run by hand, when the cases change: its licence (AGPL) is no matter for a tool, but it is not part of this repository.
import { readFileSync } from "node:fs";
import { runUnsafeSimulation } from "@cloud-copilot/iam-simulate";

const letters = JSON.parse(readFileSync(process.argv[2])).map((one) =>
  runUnsafeSimulation(
    {
      request: {
        principal: "arn:aws:sts::111111111111:assumed-role/r/s",
        action: one.action,
        resource: { resource: one.resource, accountId: "111111111111" },
        contextVariables: one.context,
      },
      identityPolicies: one.policies.map((policy, index) => ({ name: `p${index}`, policy })),
      permissionBoundaryPolicies: one.boundary ? [{ name: "b", policy: one.boundary }] : undefined,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  )[0],
);
process.stdout.write(letters.join("").match(/.{1,100}/g).join("\n") + "\n");
