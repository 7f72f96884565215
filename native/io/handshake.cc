#include "io/handshake.h"

#include <algorithm>
#include <netinet/in.h>
#include <utility>
#include <uv.h>

#include "io/pending.h"

namespace beamlink {
namespace {

// All that may be pending inbound: none of them waits for a thread.
constexpr size_t kMaxAccepts = kMaxPending;
constexpr size_t kMaxDials = 256;
// ei keeps a cnode or two and a few small buffers on the stack.
constexpr size_t kStackBytes = size_t{256} * 1024;

// ei takes 0 for "no time limit": the deadline is kept in the callbacks.
constexpr unsigned kNoLimit = 0;

// Empties ei's entry. It calls our close callback, which leaves the descriptor open.
void ForgetSlot(const EiSocket& socket) {
  (void)ei_close_connection(socket.slot());
}

bool DialWithEi(ei_cnode* cnode, EiSocket* socket) {
  in_addr unused = {};  // the address is in the EiSocket
  if (ei_xconnect_host_port_tmo(cnode, &unused, 0, kNoLimit) < 0) return false;
  ForgetSlot(*socket);
  return true;
}

bool AcceptWithEi(ei_cnode* cnode, EiSocket* socket) {
  in_addr unused = {};
  int port = 0;
  const int listener = ei_xlisten(cnode, &unused, &port, 1);
  if (listener < 0) return false;
  ErlConnect peer;
  const bool accepted = ei_accept_tmo(cnode, listener, &peer, kNoLimit) >= 0;
  ForgetSlot(*socket);
  return accepted;
}

}  // namespace

HandshakeOutcome Shake(HandshakeRequest* request, const Cancellation* cancellation) {
  HandshakeOutcome outcome;
  EiSocket socket(request->script.get(), request->deadline, cancellation, request->header_bytes);
  ei_cnode cnode;
  outcome.status = request->cnode.ForHandshake(request->cookie, &socket, &cnode);
  if (!outcome.status.ok()) return outcome;
  bool made = false;
  if (!request->first_packet.empty()) {
    socket.Accepted(std::move(request->fd), std::move(request->first_packet));
    made = AcceptWithEi(&cnode, &socket);
  } else {
    socket.DialTo(request->address);
    socket.Dialled(std::move(request->fd));
    made = DialWithEi(&cnode, &socket);
  }
  outcome.peer = request->script->peer();
  if (!made) {
    outcome.status = request->script->Explain(socket.failure());
    return outcome;
  }
  outcome.flags = request->script->negotiated_flags();
  outcome.fd = socket.TakeFd();
  return outcome;
}

class HandshakePool::Thread {
 public:
  Thread(HandshakePool* pool, Line* line, Waiting waiting)
      : pool_(pool),
        line_(line),
        id_(waiting.id),
        started_ns_(waiting.started_ns),
        request_(std::move(waiting.request)),
        done_(std::move(waiting.done)) {}
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  ~Thread() {
    if (!started_) return;
    cancellation_.Cancel();
    uv_thread_join(&thread_);
  }

  Status Start() {
    if (Status status = Cancellation::Make(&cancellation_); !status.ok()) return status;
    const uv_thread_options_t options = {UV_THREAD_HAS_STACK_SIZE, kStackBytes};
    const int error = uv_thread_create_ex(
        &thread_, &options, [](void* self) { static_cast<Thread*>(self)->Run(); }, this);
    if (error != 0) return SystemRefused("no thread to be had", -error);
    started_ = true;
    return Status::Ok();
  }

  void Cancel() {
    done_ = nullptr;
    cancellation_.Cancel();
  }

  Done TakeDone() { return std::move(done_); }
  Line* line() const { return line_; }
  uint64_t TookUs() const { return (uv_hrtime() - started_ns_) / 1000; }

 private:
  void Run() { pool_->finished_.Post({id_, Shake(&request_, &cancellation_)}); }

  HandshakePool* const pool_;
  Line* const line_;
  const uint64_t id_;
  const uint64_t started_ns_;
  HandshakeRequest request_;
  Done done_;
  Cancellation cancellation_;
  uv_thread_t thread_ = {};
  bool started_ = false;
};

HandshakePool::HandshakePool(std::function<void()> wake)
    : finished_(std::move(wake)),
      dials_{.max_threads = kMaxDials},
      accepts_{.max_threads = kMaxAccepts} {}

HandshakePool::~HandshakePool() {
  // All at once, before each is joined in turn.
  for (auto& [id, thread] : running_)
    thread->Cancel();
  running_.clear();
}

uint64_t HandshakePool::Start(HandshakeRequest request, Done done) {
  const uint64_t id = ++last_id_;
  Line* line = request.first_packet.empty() ? &dials_ : &accepts_;
  line->waiting.push_back({id, std::move(request), std::move(done), uv_hrtime()});
  StartWaiting(line);
  return id;
}

void HandshakePool::StartWaiting(Line* line) {
  while (!line->waiting.empty() && line->threads < line->max_threads) {
    Run(line, std::move(line->waiting.front()));
    line->waiting.pop_front();
  }
}

void HandshakePool::Run(Line* line, Waiting waiting) {
  const uint64_t id = waiting.id;
  auto thread = std::make_unique<Thread>(this, line, std::move(waiting));
  line->threads++;
  Status status = thread->Start();
  running_.emplace(id, std::move(thread));
  if (status.ok()) return;
  HandshakeOutcome outcome;
  outcome.status = std::move(status);
  finished_.Post({id, std::move(outcome)});
}

void HandshakePool::Cancel(uint64_t id) {
  if (const auto found = running_.find(id); found != running_.end()) {
    found->second->Cancel();
    return;
  }
  for (Line* line : {&dials_, &accepts_}) {
    std::erase_if(line->waiting, [id](const Waiting& waiting) { return waiting.id == id; });
  }
}

void HandshakePool::Reap() {
  finished_.Take(&reaped_);
  for (Finished& finished : reaped_) {
    const auto found = running_.find(finished.id);
    if (found == running_.end()) continue;
    const Done done = found->second->TakeDone();
    finished.outcome.took_us = found->second->TookUs();
    found->second->line()->threads--;
    running_.erase(found);  // joins: the thread has nothing left to do
    if (done) done(std::move(finished.outcome));
  }
  reaped_.clear();
  StartWaiting(&dials_);
  StartWaiting(&accepts_);
}

}  // namespace beamlink
