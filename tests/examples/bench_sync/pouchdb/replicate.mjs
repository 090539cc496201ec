// Replicates a database into an empty one on disk; prints the rows and the seconds.
import PouchDB from 'pouchdb';

const [url, folder] = process.argv.slice(2);
const local = new PouchDB(`${folder}/copy`);
const began = process.hrtime.bigint();
await local.replicate.from(url, { batch_size: 1000, batches_limit: 10 });
const seconds = Number(process.hrtime.bigint() - began) / 1e9;
const { doc_count: rows } = await local.info();
console.log(JSON.stringify({ rows, seconds }));
await local.close();
