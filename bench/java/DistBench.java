// Jinterface as a distribution peer (OtpConnection).
// usage: DistBench NODE PEER COOKIE; stdin: "CASE MS" -> one line of JSON (adapters/README.md).
import com.ericsson.otp.erlang.OtpConnection;
import com.ericsson.otp.erlang.OtpErlangAtom;
import com.ericsson.otp.erlang.OtpErlangBinary;
import com.ericsson.otp.erlang.OtpErlangLong;
import com.ericsson.otp.erlang.OtpErlangObject;
import com.ericsson.otp.erlang.OtpErlangTuple;
import com.ericsson.otp.erlang.OtpPeer;
import com.ericsson.otp.erlang.OtpSelf;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Arrays;

public class DistBench {
  private interface Step {
    void go() throws Exception;
  }

  private static final int SMALL = 100;
  private static final int LARGE = 65536;
  private static final int IN_FLIGHT = 64;
  private static final int BATCH_BYTES = 1 << 25;
  private static final int MAX_BATCH = 20000;
  private static final int MAX_LATENCIES = 1 << 20;

  private static final OtpErlangAtom DATA = new OtpErlangAtom("data");
  private static final OtpErlangAtom DONE = new OtpErlangAtom("done");
  private static final OtpErlangBinary PAYLOAD = binary(SMALL);
  private static final OtpErlangObject[] ARGUMENTS = {PAYLOAD};

  private static OtpSelf self;
  private static OtpConnection connection;

  private static OtpErlangBinary binary(int size) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) 'x');
    return new OtpErlangBinary(bytes);
  }

  private static OtpErlangTuple tuple(OtpErlangObject... items) {
    return new OtpErlangTuple(items);
  }

  private static void need(OtpErlangObject reply, int size) throws Exception {
    if (((OtpErlangBinary) reply).size() != size) throw new Exception("bad reply");
  }

  private static void rpcRequest() throws Exception {
    connection.sendRPC("bench_peer", "echo", ARGUMENTS);
  }

  private static void rpcReply() throws Exception {
    need(connection.receiveRPC(), SMALL);
  }

  private static void echoRequest() throws Exception {
    connection.send("bench_echo", tuple(self.pid(), PAYLOAD));
  }

  private static void echoReply() throws Exception {
    need(connection.receive(), SMALL);
  }

  private static String latency(Step request, Step reply, double ns) throws Exception {
    long[] latencies = new long[MAX_LATENCIES];
    long start = System.nanoTime(), last = start;
    int count = 0;
    do {
      request.go();
      reply.go();
      long now = System.nanoTime();
      latencies[count++] = now - last;
      last = now;
    } while (last - start < ns && count < MAX_LATENCIES);
    Arrays.sort(latencies, 0, count);
    double p50 = latencies[count / 2] / 1e3, p99 = latencies[(int) (count * 99L / 100)] / 1e3;
    String format = "{\"p50\":%.3f,\"p99\":%.3f,\"ops\":%.1f,\"n\":%d}";
    return String.format(format, p50, p99, count * 1e9 / (last - start), count);
  }

  private static String rate(long count, long start) {
    double ops = count * 1e9 / (System.nanoTime() - start);
    return String.format("{\"ops\":%.1f,\"n\":%d}", ops, count);
  }

  private static String inFlight(Step request, Step reply, double ns) throws Exception {
    long start = System.nanoTime(), count = 0;
    for (int k = 0; k < IN_FLIGHT; k++) request.go();
    do {
      reply.go();
      count++;
      request.go();
    } while (System.nanoTime() - start < ns);
    for (int k = 0; k < IN_FLIGHT; k++, count++) reply.go();
    return rate(count, start);
  }

  private static String into(int size, double ns) throws Exception {
    OtpErlangTuple message = tuple(DATA, binary(size));
    long start = System.nanoTime(), count = 0;
    do {
      connection.send("bench_sink", message);
      count++;
    } while (System.nanoTime() - start < ns);
    connection.send("bench_sink", tuple(self.pid(), DONE));
    OtpErlangTuple sunk = (OtpErlangTuple) connection.receive();
    if (((OtpErlangLong) sunk.elementAt(1)).longValue() != count) {
      throw new Exception("sink lost messages");
    }
    return rate(count, start);
  }

  private static long sourced(int size) throws Exception {
    for (long count = 0; ; count++) {
      OtpErlangTuple message = (OtpErlangTuple) connection.receive();
      if (!message.elementAt(0).equals(DATA)) return count;
      need(message.elementAt(1), size);
    }
  }

  private static String outOf(int size, double ns) throws Exception {
    long batch = Math.min(MAX_BATCH, BATCH_BYTES / size), start = System.nanoTime(), count = 0;
    OtpErlangTuple request =
        tuple(self.pid(), new OtpErlangLong(batch), new OtpErlangLong(size));
    do {
      connection.send("bench_source", request);
      if (sourced(size) != batch) throw new Exception("source count");
      count += batch;
    } while (System.nanoTime() - start < ns);
    return rate(count, start);
  }

  private static String run(String name, double ns) throws Exception {
    switch (name) {
      case "rpc_1":
        return latency(DistBench::rpcRequest, DistBench::rpcReply, ns);
      case "rpc_64":
        return inFlight(DistBench::rpcRequest, DistBench::rpcReply, ns);
      case "echo_1":
        return latency(DistBench::echoRequest, DistBench::echoReply, ns);
      case "echo_64":
        return inFlight(DistBench::echoRequest, DistBench::echoReply, ns);
      case "in_100":
        return into(SMALL, ns);
      case "in_64k":
        return into(LARGE, ns);
      case "out_100":
        return outOf(SMALL, ns);
      case "out_64k":
        return outOf(LARGE, ns);
      default:
        return "{\"skip\":\"not offered\"}";
    }
  }

  public static void main(String[] args) throws Exception {
    self = new OtpSelf(args[0], args[2]);
    connection = self.connect(new OtpPeer(args[1]));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = in.readLine()) != null; ) {
      String[] words = line.trim().split(" ");
      try {
        System.out.println(run(words[0], Double.parseDouble(words[1]) * 1e6));
      } catch (Exception e) {
        System.out.println("{\"error\":\"" + e + "\"}");
      }
      System.out.flush();
    }
    System.exit(0);
  }
}
