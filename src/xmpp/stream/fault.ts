/** What a stream that gave up means for the operator: the fault of the catalogue behind each reason. */
import { type FaultCode, OperatorError } from "../../core/errors.ts";
import type { FatalCode, FatalReason } from "./stream.ts";

const FAULT_OF: Readonly<Record<FatalCode, FaultCode>> = {
  "bad-service": "no-connection",
  certificate: "insecure-stream",
  conflict: "resource-conflict",
  "host-unknown": "no-connection",
  insecure: "insecure-stream",
  "no-mechanism": "login-refused",
  "not-authorized": "login-refused",
};

/** The fault to end with, its text saying how to mend it. */
export function faultOf({ code, text }: FatalReason): OperatorError {
  return new OperatorError(FAULT_OF[code], text);
}
