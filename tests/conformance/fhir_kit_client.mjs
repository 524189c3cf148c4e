// A source system's day by fhir-kit-client: what it was told of each step, as JSON on standard output.
// test_real_clients.py says what each step ought to have been told.
import { Client } from "fhir-kit-client";

const client = new Client({ baseUrl: process.env.BASE, bearerToken: process.env.TOKEN });
const told = {};
const refusal = async (asked) => {
  try {
    await asked;
    return null;
  } catch (error) {
    if (!error.response) throw error;
    return error.response.status;
  }
};

const person = (family, more = {}) => ({
  resourceType: "Patient",
  identifier: [
    { system: "https://fhir.nhs.uk/Id/nhs-number", value: "9990003114" },
    { system: "urn:of", value: "kit" },
  ],
  name: [{ family, given: ["Margaret"] }],
  birthDate: "1942-02-14",
  ...more,
});
const result = (of, day) => ({
  resourceType: "Observation",
  status: "final",
  code: { coding: [{ system: "http://loinc.org", code: "2160-0" }] },
  subject: { reference: of },
  effectiveDateTime: `2026-05-0${day}`,
});

told["capability statement"] = (await client.capabilityStatement()).fhirVersion;

const created = await client.create({ resourceType: "Patient", body: person("Holroyd") });
const id = created.id;
told["create"] = created.resourceType;
told["read"] = (await client.read({ resourceType: "Patient", id })).name[0].family;

const body = person("Ackroyd", { id });
told["update"] = (await client.update({ resourceType: "Patient", id, body })).name[0].family;
told["update by another's version"] = await refusal(
  client.update({
    resourceType: "Patient", id, body, options: { headers: { "If-Match": `W/"${created.meta.versionId}"` } },
  }),
);
told["conditional update"] = (
  await client.update({
    resourceType: "Patient", searchParams: { identifier: "urn:of|kit" }, body: person("Oldroyd"),
  })
).name[0].family;
told["conditional create of what is held"] =
  (await client.create({
    resourceType: "Patient", body: person("Holroyd"), options: { headers: { "If-None-Exist": "identifier=urn:of|kit" } },
  })).id === id;
told["version read"] = (
  await client.vread({ resourceType: "Patient", id, version: created.meta.versionId })
).name[0].family;
told["patch"] = (
  await client.patch({ resourceType: "Patient", id, jsonPatch: [{ op: "add", path: "/active", value: true }] })
).active;
told["history of the item"] = (await client.history({ resourceType: "Patient", id })).total;
told["history of the type"] = (await client.history({ resourceType: "Patient" })).entry.length >= 4;

const uuid = "urn:uuid:0f8fad5b-d9cb-469f-a165-70867728950e";
const transaction = await client.transaction({
  body: {
    resourceType: "Bundle",
    type: "transaction",
    entry: [
      { resource: result(`Patient/${id}`, 1), request: { method: "POST", url: "Observation" } },
      {
        fullUrl: uuid, resource: result("Patient?identifier=urn:of|kit", 2),
        request: { method: "POST", url: "Observation" },
      },
    ],
  },
});
told["transaction"] = transaction.entry.map((entry) => entry.response.status.slice(0, 3));
for (const day of [3, 4, 5]) {
  await client.create({ resourceType: "Observation", body: result(`Patient/${id}`, day) });
}
const batch = await client.batch({
  body: {
    resourceType: "Bundle",
    type: "batch",
    entry: [
      { request: { method: "GET", url: `Patient/${id}` } },
      { request: { method: "GET", url: "Patient/nobody" } },
    ],
  },
});
told["batch"] = batch.entry.map((entry) => entry.response.status.slice(0, 3));

told["search by pages"] = [];
let page = await client.search({
  resourceType: "Observation", searchParams: { patient: `Patient/${id}`, _count: 2, _sort: "-date" },
});
while (page) {
  told["search by pages"].push(page.entry.length);
  page = await client.nextPage({ bundle: page });
}
told["search by a form"] = (
  await client.search({ resourceType: "Observation", searchParams: { patient: id }, options: { postSearch: true } })
).total;
const [first] = (await client.search({ resourceType: "Observation", searchParams: { patient: id } })).entry;
told["resolve a reference"] = (await client.resolve({ reference: first.resource.subject.reference })).resourceType;

const operation = (name, of, more = {}) => client.operation({ name, ...of, ...more });
told["everything"] = (
  await operation("everything", { resourceType: "Patient", id }, { method: "GET" })
).entry.length;
told["validate"] = (
  await operation("validate", { resourceType: "Patient" }, { input: { resourceType: "Patient", gender: "f" } })
).issue[0].severity;
told["latest"] = (
  await operation("lastn", { resourceType: "Observation" }, { method: "GET", input: { patient: `Patient/${id}` } })
).entry.length;
told["meta"] = (await operation("meta", { resourceType: "Patient", id }, { method: "GET" })).resourceType;

const observation = { resourceType: "Observation", id: first.resource.id };
await client.delete(observation);
told["delete"] = await refusal(client.read(observation));
told["read of what is not there"] = await refusal(client.read({ resourceType: "Patient", id: "nobody" }));

process.stdout.write(JSON.stringify(told));
