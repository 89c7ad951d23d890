import path from 'node:path'
import protobuf from 'protobufjs'
import { packageRoot } from '../../src/config/package-root.ts'

const root = new protobuf.Root()
root.resolvePath = (_origin, target) => path.join(packageRoot(), 'proto', target)
root.loadSync(
  ['envoy/service/ext_proc/v3/external_processor.proto', 'envoy/service/accesslog/v3/als.proto'],
  { keepCase: true },
)

/*
 * The messages between Envoy and Flint as protobufjs reads our proto files: what encodes for the
 * codec of src/extproc, and checks it. Members have the names of the files (`request_headers`).
 */
export const PROCESSING_REQUEST = root.lookupType('envoy.service.ext_proc.v3.ProcessingRequest')
export const PROCESSING_RESPONSE = root.lookupType('envoy.service.ext_proc.v3.ProcessingResponse')
export const ACCESS_LOGS = root.lookupType('envoy.service.accesslog.v3.StreamAccessLogsMessage')
export const RESPONSE_FLAGS = root.lookupType('envoy.data.accesslog.v3.ResponseFlags')
