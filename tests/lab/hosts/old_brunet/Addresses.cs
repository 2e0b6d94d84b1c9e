// Reads the host's addresses as Brunet of 2010 does: from what one program prints, in the form of net-tools 1.60.
// It is compiled into the node and, as in Brunet, also into a library of its own.
using System.Collections.Generic;
using System.Diagnostics;
using System.Text.RegularExpressions;

public static class Addresses
{
    public static List<string> Read()
    {
        var start = new ProcessStartInfo("/sbin/ifconfig") { RedirectStandardOutput = true, UseShellExecute = false };
        var found = new List<string>();
        using (var program = Process.Start(start))
        {
            string device = null, line;
            while ((line = program.StandardOutput.ReadLine()) != null)
            {
                var head = Regex.Match(line, @"^(\S+)\s+Link encap:");
                if (head.Success) device = head.Groups[1].Value;
                var address = Regex.Match(line, @"inet addr:([0-9.]+)");
                if (address.Success && device != null) found.Add(device + "=" + address.Groups[1].Value);
            }
            program.WaitForExit();
        }
        return found;
    }
}
