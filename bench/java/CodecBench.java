// stdin: "OPERATION NAME MS" -> one line of JSON; see c/codec.c.
import com.ericsson.otp.erlang.OtpErlangObject;
import com.ericsson.otp.erlang.OtpInputStream;
import com.ericsson.otp.erlang.OtpOutputStream;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

public class CodecBench {
  private static final long CALIBRATION_NS = 500_000;

  private static byte[] bytes;
  private static OtpErlangObject term;
  // Keeps the last result reachable, so that no step can be optimised away.
  private static Object kept;

  private static OtpOutputStream encode() {
    OtpOutputStream out = new OtpOutputStream();
    out.write1(131);
    out.write_any(term);
    return out;
  }

  private static void repeat(String operation, long count) throws Exception {
    boolean decode = operation.equals("decode");
    for (long k = 0; k < count; k++) {
      kept = decode ? OtpErlangObject.decode(new OtpInputStream(bytes)) : encode();
    }
  }

  private static long batchOf(String operation) throws Exception {
    for (long batch = 1; ; batch *= 2) {
      long start = System.nanoTime();
      repeat(operation, batch);
      if (System.nanoTime() - start >= CALIBRATION_NS) return batch;
    }
  }

  private static String measure(String operation, double ms) throws Exception {
    long batch = batchOf(operation), count = 0, start = System.nanoTime();
    do {
      repeat(operation, batch);
      count += batch;
    } while (System.nanoTime() - start < ms * 1e6);
    double mean = (double) (System.nanoTime() - start) / count;
    return String.format("{\"ns\":%.2f,\"count\":%d}", mean, count);
  }

  private static String check() {
    byte[] got = encode().toByteArray();
    return String.format("{\"bytes\":%d,\"equal\":%b}", got.length, Arrays.equals(got, bytes));
  }

  private static String answer(String operation, double ms) throws Exception {
    term = OtpErlangObject.decode(new OtpInputStream(bytes));
    if (operation.equals("check")) return check();
    measure(operation, ms / 3); // lets the compiler see it first
    return measure(operation, ms);
  }

  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = in.readLine()) != null; ) {
      String[] words = line.trim().split(" ");
      bytes = Files.readAllBytes(Path.of(args[0], words[1] + ".etf"));
      try {
        System.out.println(answer(words[0], Double.parseDouble(words[2])));
      } catch (Exception | StackOverflowError e) {
        System.out.printf("{\"error\":\"%s\"}%n", e.getClass().getSimpleName());
      }
      System.out.flush();
    }
  }
}
