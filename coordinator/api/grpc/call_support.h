// What every call of every service stands on: who calls, and a pool.
#ifndef ATELIER_COORDINATOR_API_GRPC_CALL_SUPPORT_H_
#define ATELIER_COORDINATOR_API_GRPC_CALL_SUPPORT_H_

#include <functional>

#include "absl/status/status.h"
#include "common/work_pool.h"
#include "coordinator/access/admission_control.h"
#include "coordinator/access/call_limits.h"
#include "coordinator/api/grpc/authenticator.h"
#include "coordinator/control/audit_log.h"
#include "coordinator/control/caller.h"
#include "grpcpp/support/status.h"

namespace grpc {
class CallbackServerContext;
}  // namespace grpc

namespace atelier {

/// Lifetime: all outlive it. Thread-safe.
struct CallSupport {
  WorkPool& pool;
  Authenticator authenticate;
  AdmissionControl& admission;
  AuditLog* audit = nullptr;  ///< Null: none is kept.

  /// Who calls, if it may come in; its meter is kept until the call ends. Every
  /// handler begins with this. Never waits.
  Admission Admit(const grpc::CallbackServerContext& context,
                  CallKind kind) const;
  /// Ends a call that was not admitted: `finish` is called once, perhaps later,
  /// and on another thread.
  void Refuse(const Admission& refused,
              std::function<void(const grpc::Status&)> finish) const;
  /// How the call of a caller that was admitted ends: a denial is counted.
  void Note(const Caller& caller, const absl::Status& status) const;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_CALL_SUPPORT_H_
