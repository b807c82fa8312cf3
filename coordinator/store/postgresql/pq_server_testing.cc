#include "coordinator/store/postgresql/pq_server_testing.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/status_macros.h"
#include "coordinator/store/postgresql/pq_connection.h"
#include "tests/testing/tls_identity.h"

namespace atelier {
namespace {

// Where Debian has the newest of its servers; empty: nowhere.
std::string FolderOfBinaries() {
  for (const char* version : {"17", "16", "15", "14"}) {
    const std::string folder =
        absl::StrCat("/usr/lib/postgresql/", version, "/bin");
    if (std::filesystem::exists(folder + "/postgres")) return folder;
  }
  return "";
}

// Whoever asks for none is given it next, too, but not soon.
int FreePort() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool has_one = bind(socket_fd, any, size) == 0 &&
                       getsockname(socket_fd, any, &size) == 0;
  close(socket_fd);
  return has_one ? ntohs(address.sin_port) : 5432;
}

class PqServer {
 public:
  PqServer(std::string binaries, PqDurability durability)
      : binaries_(std::move(binaries)), durability_(durability) {}
  ~PqServer() {
    Stop(SIGINT);
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  PqServer(const PqServer&) = delete;
  PqServer& operator=(const PqServer&) = delete;

  absl::Status Make() {
    // Not TempDir(): a socket's path has at most 107 characters.
    std::string folder = "/tmp/atelier-pq-XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) {
      return absl::InternalError("mkdtemp failed");
    }
    folder_ = folder;
    port_ = FreePort();
    // PostgreSQL refuses to run as root.
    if (geteuid() == 0 &&
        Wait(Spawn({"chown", "postgres:postgres", folder_})) != 0) {
      return absl::InternalError("no user postgres");
    }
    const int made = Wait(
        Spawn(AsOther({binaries_ + "/initdb", "-D", folder_ + "/data",
                       "--auth-local=trust", "--auth-host=scram-sha-256", "-U",
                       "atelier", "-E", "UTF8", "--locale=C", "--no-sync"})));
    if (made != 0) return absl::InternalError("initdb failed");
    return Start();
  }

  absl::Status Start() {
    if (server_ > 0) return absl::OkStatus();
    std::vector<std::string> command = {
        binaries_ + "/postgres", "-D", folder_ + "/data", "-k", folder_, "-p",
        absl::StrCat(port_)};
    const auto set = [&command](const std::string& name,
                                const std::string& value) {
      command.insert(command.end(), {"-c", absl::StrCat(name, "=", value)});
    };
    if (durability_ == PqDurability::kNone) {
      set("fsync", "off");
      set("shared_buffers", "16MB");
    } else {
      set("shared_buffers", "256MB");
      set("max_wal_size", "4GB");
    }
    set("listen_addresses", has_tcp_ ? "127.0.0.1" : "");
    if (has_tcp_) {
      set("ssl", "on");
      set("ssl_cert_file", folder_ + "/server.pem");
      set("ssl_key_file", folder_ + "/server.key");
    }
    server_ = Spawn(AsOther(command));
    const absl::Time deadline = absl::Now() + absl::Seconds(60);
    absl::Status answer;
    while (absl::Now() < deadline) {
      answer = PqConnection::Open(UrlOf("postgres"), absl::Seconds(5)).status();
      if (answer.ok()) return answer;
      absl::SleepFor(absl::Milliseconds(20));
    }
    return absl::InternalError(absl::StrCat("server: ", answer.message()));
  }

  void Stop(int signal) {
    if (server_ <= 0) return;
    kill(server_, signal);
    Wait(server_);
    server_ = 0;
  }

  std::string UrlOf(const std::string& database) const {
    return absl::StrCat("postgresql://atelier@/", database, "?host=", folder_,
                        "&port=", port_);
  }

  absl::StatusOr<GuardedPqDatabase> Guard(const std::string& url,
                                          const std::string& password) {
    ASSIGN_OR_RETURN(const auto connection,
                     PqConnection::Open(url, absl::Seconds(5)));
    ASSIGN_OR_RETURN(
        const PqResult name,
        connection->Run("SELECT set_config('a.password', $1, false), "
                        "current_database()",
                        PqParams().Text(password)));
    RETURN_IF_ERROR(connection->RunOnce(
        "DO $$ BEGIN "
        "IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'guarded') THEN "
        "CREATE USER guarded; END IF; "
        "EXECUTE format('ALTER USER guarded PASSWORD %L', "
        "current_setting('a.password')); "
        "EXECUTE format('ALTER DATABASE %I OWNER TO guarded', "
        "current_database()); END $$"));
    if (!has_tcp_) {
      RETURN_IF_ERROR(WriteIdentity());
      has_tcp_ = true;
      Stop(SIGQUIT);
      RETURN_IF_ERROR(Start());
    }
    return GuardedPqDatabase{absl::StrCat("postgresql://guarded@127.0.0.1:",
                                          port_, "/", name.Text(0, 1)),
                             folder_ + "/server.pem"};
  }

  absl::StatusOr<std::string> MakeDatabase() {
    const std::string name = absl::StrCat("test", ++databases_);
    ASSIGN_OR_RETURN(const auto connection,
                     PqConnection::Open(UrlOf("postgres"), absl::Seconds(5)));
    RETURN_IF_ERROR(
        connection->RunOnce(absl::StrCat("CREATE DATABASE ", name)));
    return UrlOf(name);
  }

 private:
  absl::Status WriteIdentity() const {
    const TlsIdentity identity = MakeTlsIdentity("127.0.0.1");
    const std::string key = folder_ + "/server.key";
    std::ofstream(key) << KeyPemOf(identity);
    std::ofstream(folder_ + "/server.pem") << PemOf(identity);
    std::filesystem::permissions(key, std::filesystem::perms::owner_read);
    if (geteuid() == 0 &&
        Wait(Spawn({"chown", "postgres", key, folder_ + "/server.pem"})) != 0) {
      return absl::InternalError("chown failed");
    }
    return absl::OkStatus();
  }

  static std::vector<std::string> AsOther(std::vector<std::string> command) {
    std::vector<std::string> whole = {"setpriv", "--pdeathsig", "INT"};
    if (geteuid() == 0) {
      whole.insert(whole.end(),
                   {"--reuid=postgres", "--regid=postgres", "--clear-groups"});
    }
    whole.insert(whole.end(), command.begin(), command.end());
    return whole;
  }

  pid_t Spawn(const std::vector<std::string>& command) const {
    std::vector<char*> arguments;
    for (const std::string& one : command) {
      arguments.push_back(const_cast<char*>(one.c_str()));
    }
    arguments.push_back(nullptr);
    const std::string log = folder_ + "/log";
    const pid_t child = fork();
    if (child != 0) return child;
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (out >= 0) {
      dup2(out, 1);
      dup2(out, 2);
    }
    if (chdir("/") != 0) _exit(126);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }

  static int Wait(pid_t child) {
    int status = -1;
    if (child <= 0 || waitpid(child, &status, 0) != child) return -1;
    return status;
  }

  const std::string binaries_;
  const PqDurability durability_;
  std::string folder_;
  int port_ = 0;  // Of the socket's name, and of TCP.
  bool has_tcp_ = false;
  pid_t server_ = 0;
  int databases_ = 0;
};

struct SharedServer {
  absl::Mutex mu;
  std::unique_ptr<PqServer> server ABSL_GUARDED_BY(mu);
  absl::Status failure ABSL_GUARDED_BY(mu);
};

SharedServer& Shared() {
  static auto& shared = *new SharedServer;
  return shared;
}

}  // namespace

absl::StatusOr<std::string> MakePqDatabase(PqDurability durability) {
  SharedServer& shared = Shared();
  absl::MutexLock lock(&shared.mu);
  if (shared.server == nullptr && shared.failure.ok()) {
    const std::string binaries = FolderOfBinaries();
    if (binaries.empty()) {
      shared.failure = absl::NotFoundError("no PostgreSQL server is installed");
      return shared.failure;
    }
    auto made = std::make_unique<PqServer>(binaries, durability);
    shared.failure = made->Make();
    if (shared.failure.ok()) {
      shared.server = std::move(made);
      std::atexit([] {
        absl::MutexLock at_exit(&Shared().mu);
        Shared().server.reset();
      });
    }
  }
  RETURN_IF_ERROR(shared.failure);
  return shared.server->MakeDatabase();
}

void StopPqServer() {
  absl::MutexLock lock(&Shared().mu);
  Shared().server->Stop(SIGQUIT);
}

absl::Status StartPqServer() {
  absl::MutexLock lock(&Shared().mu);
  return Shared().server->Start();
}

absl::Status RestartPqServer() {
  StopPqServer();
  return StartPqServer();
}

absl::StatusOr<GuardedPqDatabase> GuardPqDatabase(const std::string& url,
                                                  const std::string& password) {
  absl::MutexLock lock(&Shared().mu);
  return Shared().server->Guard(url, password);
}

absl::Status EndPqConnections(const std::string& url) {
  ASSIGN_OR_RETURN(const auto connection,
                   PqConnection::Open(url, absl::Seconds(5)));
  return connection->RunOnce(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
      "WHERE datname = current_database() AND pid <> pg_backend_pid()");
}

}  // namespace atelier
